"""Townhall: one bot on every chat. Nothing lost, nothing said twice."""

from bot.action import (
    Action,
    ActionResult,
    Complete,
    Evaluator,
    Listener,
    Provider,
    action,
    evaluator,
    listener,
    provider,
)
from bot.campaign import (
    Campaign,
    CampaignState,
    Preview,
    Progress,
    Quiet,
    Recipient,
    RecipientState,
)
from bot.capabilities import Capabilities, Idempotency, Markup, Rate
from bot.character import Character, load_character
from bot.connector import Connector, Identity
from bot.content import Attachment, Button, Card, Content, MediaKind, Persona, Select, Verb
from bot.errors import (
    ConfigError,
    DeliveryError,
    FileUnavailable,
    ModelError,
    RateLimited,
    Rejected,
    StoreError,
    TownhallError,
    Unauthorized,
    Unavailable,
    Unconfirmed,
)
from bot.events import Call, Deliver, Event, EventKind, Position, Presence
from bot.media import File, Media
from bot.memory import Entity, Memory, Room, RoomKind, World
from bot.model import Generated, GenerateText, Message, ModelType, Tool, ToolCall, Usage
from bot.part import Part, Priority, Receipt
from bot.plugin import ModelHandler, Plugin
from bot.runtime import Runtime
from bot.service import Health, Service, ServiceState, ServiceType, Status
from bot.settings import Config, Layer, Settings, environment, setting
from bot.store import Store
from bot.stores.sqlite import SqliteStore
from bot.turn import Turn

__all__ = [
    "Action",
    "ActionResult",
    "Attachment",
    "Button",
    "Call",
    "Campaign",
    "CampaignState",
    "Capabilities",
    "Card",
    "Character",
    "Complete",
    "Config",
    "ConfigError",
    "Connector",
    "Content",
    "Deliver",
    "DeliveryError",
    "Entity",
    "Evaluator",
    "Event",
    "EventKind",
    "File",
    "FileUnavailable",
    "GenerateText",
    "Generated",
    "Health",
    "Idempotency",
    "Identity",
    "Layer",
    "Listener",
    "Markup",
    "Media",
    "MediaKind",
    "Memory",
    "Message",
    "ModelError",
    "ModelHandler",
    "ModelType",
    "Part",
    "Persona",
    "Plugin",
    "Position",
    "Presence",
    "Preview",
    "Priority",
    "Progress",
    "Provider",
    "Quiet",
    "Rate",
    "RateLimited",
    "Receipt",
    "Recipient",
    "RecipientState",
    "Rejected",
    "Room",
    "RoomKind",
    "Runtime",
    "Select",
    "Service",
    "ServiceState",
    "ServiceType",
    "Settings",
    "SqliteStore",
    "Status",
    "Store",
    "StoreError",
    "Tool",
    "ToolCall",
    "TownhallError",
    "Turn",
    "Unauthorized",
    "Unavailable",
    "Unconfirmed",
    "Usage",
    "Verb",
    "World",
    "action",
    "environment",
    "evaluator",
    "listener",
    "load_character",
    "provider",
    "setting",
]

"""Townhall: one bot on every chat. Nothing lost, nothing said twice."""

from bot.action import Action, ActionResult, Evaluator, Provider, action, evaluator, provider
from bot.character import Character, load_character
from bot.connector import Capabilities, Connector, Idempotency, Identity, Part, Rate, Receipt
from bot.errors import (
    ConfigError,
    DeliveryError,
    ModelError,
    RateLimited,
    Rejected,
    StoreError,
    TownhallError,
    Unauthorized,
    Unavailable,
    Unconfirmed,
)
from bot.events import Deliver, Event, EventKind, Position
from bot.memory import Attachment, Button, Content, Entity, Memory, Room, RoomKind, World
from bot.model import Generated, GenerateText, Message, ModelType, Tool, ToolCall, Usage
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
    "Capabilities",
    "Character",
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
    "GenerateText",
    "Generated",
    "Health",
    "Idempotency",
    "Identity",
    "Layer",
    "Memory",
    "Message",
    "ModelError",
    "ModelHandler",
    "ModelType",
    "Part",
    "Plugin",
    "Position",
    "Provider",
    "Rate",
    "RateLimited",
    "Receipt",
    "Rejected",
    "Room",
    "RoomKind",
    "Runtime",
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
    "World",
    "action",
    "environment",
    "evaluator",
    "load_character",
    "provider",
    "setting",
]

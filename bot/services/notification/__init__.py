"""Notifications: one message to everyone, everywhere, with proof.

service        NotificationService: what can be asked of it
control        what can be done to campaigns
runner         one campaign on its way: freezing, pumping, the end
pump           one campaign on one account: a window of deliveries in the outbox
preparing      from a recipient to a delivery
verdict        from the parts of a delivery to what became of a recipient
reasons        why a recipient got nothing, in classes
clock          quiet hours, and spreading over a time
planner        how long it takes, by the limits of the platforms
forecast       what a campaign would be, and how far one came
subscriptions  who is on which list
addresses      what is stored of addresses that may hold a password
topics         /subscribe and /unsubscribe
"""

from bot.plugin import Plugin
from bot.services.notification.service import NotificationService
from bot.services.notification.topics import subscribe, unsubscribe

__all__ = ["NotificationService", "plugin"]

plugin = Plugin(
    name="notification",
    description="Messages to many: audiences, campaigns, subscriptions.",
    services=(NotificationService,),
    actions=(subscribe, unsubscribe),
)

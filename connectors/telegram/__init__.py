"""The Telegram connector."""

"""Channels: plug-ins that carry letters (port: honeyguide.delivery.Channel), and the built-in mail sink."""

"""What happens, step by step, when a notification arrives, an alert is due, or someone asks."""

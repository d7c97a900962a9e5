"""The cloud: joining from an app or by USSD, messages, organizations."""

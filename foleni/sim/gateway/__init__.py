"""A message company that is none: it takes SMS and WhatsApp in the forms of Africa's Talking and Twilio, and shows them on a
page."""

"""What a customer has on the phone: finding a branch, joining, the live ticket; pages that can be installed as an app."""

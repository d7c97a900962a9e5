"""The branch's own authority and its certificates, so that nobody on the LAN can read or forge anything."""

"""Who is planned where and when, and who should be here now and is not."""

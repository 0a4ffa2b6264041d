"""Where the embedded AWS keeps what is in it: bodies of S3's objects on disk, and a folder for all when asked."""

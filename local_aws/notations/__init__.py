"""How people write dates, numbers and the names of columns."""

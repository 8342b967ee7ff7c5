"""Prints escapes that clear the screen, set the title, paste and click."""
# base: solution
print("\x1b[2J\x1b[1;1H\x1b]0;hostile\x07\x1b]52;c;aWQK\x07\x1b]8;;http://192.0.2.1\x07click\x1b]8;;\x07\x1bP$q\x1b\\\x9b31m")
print("\r" + " " * 200 + "\rpass 80/80\b\b\b\v\f\x00\x7f")
raise RuntimeError("\x1b[2J\x1b]0;hostile\x07")

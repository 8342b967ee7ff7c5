"""Prints half surrogates, characters that turn the text around, and ones beyond the basic plane."""
# base: solution
print("\ud800\udfff half \U0010ffff \u202egnirts \u2066\ufeff\u0000\uffff")
raise type("\ud800Error", (Exception,), {})("\udcff")

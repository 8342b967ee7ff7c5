"""Answers with duplicate keys, wrong types, NaN, huge numbers, bytes that are not UTF-8, and half surrogates."""
# slow
import sys

wire = sys.modules["guest.wire"]
heads = [
    b'{"type":"case","type":"done","index":0,"index":1,"observed":{}}', b'{"type":"case","index":NaN,"observed":{}}',
    b'{"type":"case","index":1e400,"observed":{}}', b'{"type":"case","index":' + b"9" * 5000 + b',"observed":{}}',
    b'{"type":"case","index":0,"observed":{"\xff\xfe":{"kind":"none"}}}', b'{"type":"case","index":0,"observed":{"\\ud800":{"kind":"none"}}}',
    b'{"type":"case","index":0,"observed":[]}', b'{"type":"case","index":0,"observed":{"a":{"kind":"array"}}}',
    b'{"type":"case","index":0,"observed":{"a":{"kind":"text"}}}', b'{"type":"case","index":0,"observed":{"a":{"kind":"object"}}}',
    b'null', b'', b'"case"', b'[{"type":"case"}]', b'{"type":["case"]}', b'{"type":{"type":"case"}}', b"\xef\xbb\xbf{}", b"\0" * 1000,
]
turn = iter(range(10**6))
wire.send = lambda channel, header, payload=b"": wire.send_encoded(channel, heads[next(turn) % len(heads)], payload)

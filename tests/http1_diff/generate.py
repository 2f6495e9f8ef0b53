"""Requests made by rule, beside the hand-written ones of corpus.txt: every suspect value of the framing fields, and
every suspect byte in every place of a request where a parser looks for something else. And honest requests by chance,
which all must read alike.
"""

import random

BYTES = [
    b"\0", b"\t", b"\n", b"\r", b"\r\n", b" ", b"\x0b", b"\x0c", b"\x1b", b"\x7f", b"\x80", b"\xff", b'"', b"#",
    b",", b":", b";", b"=", b"@", b"[", b"_", b"+", b"-", b"0", b"x",
]

CHUNKED = b"POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n"

# "|" marks the places where a byte is put in.
PLACES = {
    "line": b"|G|ET| |/p|?q| |HTTP/1|.|1|\r\n|Host: a\r\n\r\n",
    "field": b"GET / HTTP/1.1\r\nHost: a\r\n|X|-Y|:| |b|c|\r|\n|Z: d\r\n\r|\n",
    "length": b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length|:|1|0|\r\n\r\n0123456789",
    "coding": b"POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding|:|chun|ked|\r\n\r\n3\r\nabc\r\n0\r\n\r\n",
    "chunk": CHUNKED + b"|3|\r|\n|abc|\r|\n|0|\r|\n|\r|\n",
    "extension": CHUNKED + b"3|;|n|=|v|\r\nabc\r\n0\r\n\r\n",
    "trailer": CHUNKED + b"3\r\nabc\r\n0\r\n|T|r|:| |v|\r|\n|\r\n",
}

LENGTHS = [
    "", "+5", "-5", "-0", "5,5", "5, 5", "5,6", "5 5", "0x5", "0o5", "5x", "x5", "1_0", "5.0", "5e0", "05", "005",
    "00", '"5"', "5;", "9223372036854775807", "9223372036854775808", "18446744073709551615",
    "18446744073709551616", "99999999999999999999", "184467440737095516165", "\u0665", "5\t", "5 ",
]

CODINGS = [
    "", "chunked", "Chunked", "CHUNKED", "xchunked", "chunkedx", "chunked, chunked", "gzip, chunked",
    "chunked, gzip", "identity", "gzip", "identity, chunked", "chunked,", ",chunked", ", chunked", "chunked;q=1",
    "chunked ;q=1", '"chunked"', "'chunked'", "chunked chunked", "chun ked", "chunk", "cHuNkEd", "\x0bchunked",
    "chunked\x0b", "chunked\0", "deflate",
]

CHUNK_SIZES = [
    "", "0x3", "+3", "-3", " 3", "3 ", "3\t", "\t3", "3_", "3g", "g", "003", "0000000000000003",
    "00000000000000003", "8000000000000000", "ffffffffffffffff", "10000000000000000", "10000000000000003", "3;",
    "3; a", "3;a =b", "3;a= b", "3 ;a", '3;a="b', '3;a=""', '3;a="\\""', "3;a=b=c", "3;;a", '3;"a"', "3,3", "3.0",
]

CONNECTIONS = [
    "close", "Close", "keep-alive", "Keep-Alive", "close, keep-alive", "keep-alive,close", ",close", "close,",
    "closed", "upgrade", "", "close\t,x", "x",
]


def honest(chance):
    """One request with nothing wrong about it."""
    method = chance.choice(["GET", "HEAD", "POST", "PUT", "DELETE", "PATCH", "OPTIONS"])
    letters = "abcdefghijklmnopqrstuvwxyzABCXYZ0123456789-._~!$&'()*+,;=:@%20/?"
    target = "/" + "".join(chance.choices(letters, k=chance.randrange(40)))
    lines = [f"{method} {target} HTTP/1.1", "Host: " + chance.choice(["a", "a.example:8080", "127.0.0.1", "[::1]:1"])]
    for _ in range(chance.randrange(12)):
        name = "X-" + "".join(chance.choices("abcXYZ019-_.", k=chance.randrange(1, 30)))
        value = "".join(chance.choices(" !\"#$%&'()*+,-./09:;<=>?@AZ[\\]^_`az{|}~\t\xe9\xff", k=chance.randrange(60)))
        lines.append(name + ":" + " " * chance.randrange(3) + value)
    body = bytes(chance.randrange(256) for _ in range(chance.randrange(200)))
    framing = chance.randrange(3)
    if framing == 0:
        body = b""
    elif framing == 1:
        lines.append(f"Content-Length: {len(body)}")
    else:
        lines.append("Transfer-Encoding: chunked")
        body = chunked(chance, body)
    fields = lines[1:]
    chance.shuffle(fields)
    return "\r\n".join(lines[:1] + fields).encode("latin-1") + b"\r\n\r\n" + body


def chunked(chance, body):
    out = b""
    while body:
        size = chance.randrange(1, len(body) + 1)
        digits = f"{size:X}" if chance.random() < 0.5 else f"{size:04x}"
        extension = chance.choice(["", "", ";a", ";a=b;c", ';a="b c"'])
        out += f"{digits}{extension}\r\n".encode() + body[:size] + b"\r\n"
        body = body[size:]
    return out + b"0\r\n" + chance.choice([b"", b"X-Sum: 1\r\n"]) + b"\r\n"


def cases():
    """Yields (name, bytes)."""
    chance = random.Random(9112)
    for i in range(200):
        yield f"honest-{i}", b"".join(honest(chance) for _ in range(chance.randrange(1, 4)))
    for name, template in PLACES.items():
        parts = template.split(b"|")
        for place in range(1, len(parts)):
            before, after = b"".join(parts[:place]), b"".join(parts[place:])
            for byte in BYTES:
                yield f"{name}-{place}-{byte.hex()}", before + byte + after
    for i, value in enumerate(LENGTHS):
        yield f"length-value-{i}", f"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: {value}\r\n\r\nhello".encode()
    for i, value in enumerate(CODINGS):
        for version in ("1.1", "1.0"):
            head = f"POST / HTTP/{version}\r\nHost: a\r\nTransfer-Encoding: {value}\r\n"
            yield f"coding-value-{i}-{version}", (head + "\r\n3\r\nabc\r\n0\r\n\r\n").encode()
            yield f"coding-value-{i}-{version}-length", (head + "Content-Length: 5\r\n\r\nhello").encode()
    for i, value in enumerate(CHUNK_SIZES):
        yield f"chunk-size-{i}", CHUNKED + f"{value}\r\nabc\r\n0\r\n\r\n".encode()
    for i, value in enumerate(CONNECTIONS):
        for version in ("1.1", "1.0"):
            head = f"GET / HTTP/{version}\r\nHost: a\r\n"
            yield f"connection-{i}-{version}", (head + f"Connection: {value}\r\n\r\n").encode()

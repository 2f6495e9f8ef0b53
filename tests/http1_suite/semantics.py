"""What the answers say: methods, Expect, Upgrade, closing, the fields that an answer must have. RFC 9110."""

from vocabulary import HOST, answered, case, get, length, post, refused, request, sized

# -- methods
METHOD = "RFC 9110, 9"
for method in (b"GET", b"POST", b"PUT", b"PATCH", b"DELETE"):
    case(
        "method",
        METHOD,
        method.decode(),
        sized(b"hello", method=method, target=b"/any/path?a=b"),
        answered(body=b"hello"),
    )
case(
    "method",
    "RFC 9110, 9.3.2",
    "HEAD has no body",
    get(first=b"HEAD /echo HTTP/1.1") + get(),
    answered(method="HEAD", body=b"", has={"content-length": "16"}),
    answered(),
)
case(
    "method",
    "RFC 9110, 9.3.7",
    "OPTIONS says what is allowed",
    get(first=b"OPTIONS / HTTP/1.1"),
    answered(204, has={"allow": ".*GET.*POST.*"}, lacks=("content-length", "transfer-encoding")),
)
case("method", "RFC 9110, 9.3.8", "TRACE is off", get(first=b"TRACE / HTTP/1.1"), answered(405, has={"allow": ".+"}))
case(
    "method",
    "RFC 9110, 9.3.8",
    "TRACE with a body",
    sized(b"hello", method=b"TRACE"),
    answered(405, has={"allow": ".+"}),
)
case(
    "method",
    "RFC 9110, 9.3.8",
    "TRACE tells no secret",
    get(b"Authorization: Bearer secret-1", first=b"TRACE / HTTP/1.1"),
    answered(405, check=lambda r: "the secret" if b"secret-1" in r.body else ""),
)
case(
    "method",
    "RFC 9110, 9.3.6",
    "CONNECT opens nothing",
    request(b"CONNECT a.example:443 HTTP/1.1", b"Host: a.example:443"),
    answered(501),
)
case("method", "RFC 9110, 9.1", "one that nobody knows", get(first=b"FOOBAR / HTTP/1.1"), answered(501))
case("method", "RFC 9110, 9.1", "of odd letters", get(first=b"M-SEARCH / HTTP/1.1"), answered(501))
case(
    "method",
    "RFC 9113, 3.4",
    "HTTP/2's preface cut by a blank",
    b"PRI * HTTP/1.1\r\n" + HOST + b"\r\n\r\n",
    refused(),
)

# -- Expect
EXPECT = "RFC 9110, 10.1.1"
CONTINUE = b"Expect: 100-continue"
case(
    "expect",
    EXPECT,
    "100 before the body",
    [post(length(5), CONTINUE, body=b""), b"hello"],
    answered(100, interim=True),
    answered(body=b"hello"),
)
case("expect", EXPECT, "the body came along", post(length(5), CONTINUE) + get(), answered(body=b"hello"), answered())
case(
    "expect",
    EXPECT,
    "in other letters",
    [post(length(5), b"Expect: 100-Continue", body=b""), b"hello"],
    answered(100, interim=True),
    answered(body=b"hello"),
)
case("expect", EXPECT, "without a body", get(CONTINUE), answered())
case("expect", EXPECT, "another", get(b"Expect: 200-ok"), refused(417))
case("expect", EXPECT, "another, with a body", post(length(5), b"Expect: tea"), refused(417))
case("expect", EXPECT, "a body over the limit", post(length(999_999_999_999), CONTINUE, body=b""), refused(413))
case(
    "expect",
    "RFC 9110, 15.2",
    "in HTTP/1.0 there is no 100",
    post(length(5), CONTINUE, first=b"POST / HTTP/1.0"),
    answered(body=b"hello", closes=True),
)

# -- Upgrade
SOCKET = (b"Upgrade: websocket", b"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==", b"Sec-WebSocket-Version: 13")
UPGRADE = b"Connection: Upgrade"
for name, sent in (
    ("a web socket", get(UPGRADE, *SOCKET)),
    ("a web socket by POST", post(UPGRADE, *SOCKET, body=b"")),
    ("a web socket without Connection", get(*SOCKET)),
    ("a web socket of version 99", get(UPGRADE, *SOCKET[:2], b"Sec-WebSocket-Version: 99")),
    ("a protocol that nobody knows", get(UPGRADE, b"Upgrade: totally-made-up/1.0")),
    ("h2c", get(b"Connection: Upgrade, HTTP2-Settings", b"Upgrade: h2c", b"HTTP2-Settings: AAMAAABkAAQAAP__")),
):
    case("upgrade", "RFC 9110, 7.8", name, sent + get(), answered(), answered())
case(
    "upgrade",
    "RFC 9110, 7.8",
    "in HTTP/1.0",
    request(b"GET / HTTP/1.0", HOST, UPGRADE, *SOCKET),
    answered(closes=True),
)

# -- keeping and closing
CLOSE = "RFC 9112, 9.3"
case("close", CLOSE, "asked for", get(b"Connection: close"), answered(closes=True))
case("close", CLOSE, "asked for in a list", get(b"Connection: x, Close , y"), answered(closes=True))
case("close", CLOSE, "asked for on a second line", get(b"Connection: x", b"Connection: close"), answered(closes=True))
case("close", CLOSE, "and kept asked for", get(b"Connection: keep-alive, close"), answered(closes=True))
case("close", CLOSE, "in HTTP/1.0", request(b"GET / HTTP/1.0", HOST), answered(closes=True))
case(
    "close",
    CLOSE,
    "HTTP/1.0 kept on request",
    request(b"GET / HTTP/1.0", HOST, b"Connection: keep-alive") + request(b"GET / HTTP/1.0", HOST),
    answered(has={"connection": "(?i)keep-alive"}),
    answered(closes=True),
)
case("close", CLOSE, "what is behind it isn't answered", get(b"Connection: close") + get(), answered(closes=True))

# -- what an answer says of itself: Date (in every answer) and Content-Type are looked at with each case
case(
    "answer",
    "RFC 9110, 8.3",
    "its type is the request's",
    sized(b"{}", b"Content-Type: application/json"),
    answered(body=b"{}", has={"content-type": "application/json", "content-length": "2"}),
)
case(
    "answer",
    "RFC 9110, 8.3",
    "its type is text when none is known",
    sized(b"hello"),
    answered(has={"content-type": "text/plain.*"}, lacks=("transfer-encoding",)),
)

"""Framing: lengths, codings, chunks, and requests that hide another. RFC 9112 sections 6 and 7."""

from vocabulary import HOST, answered, case, chunked, get, length, post, refused, request, sized, waits

HIDDEN = get(first=b"GET /hidden HTTP/1.1")
TAIL = b"0\r\n\r\n" + HIDDEN
CHUNKED = b"Transfer-Encoding: chunked"

# -- bodies that are as they should be
GOOD = "RFC 9112, 6"
case("body", GOOD, "by length", sized(b"hello"), answered(body=b"hello"))
case("body", GOOD, "of length zero", sized(b""), answered(body=b""))
case("body", GOOD, "none said", request(b"POST / HTTP/1.1", HOST), answered(body=b""))
case("body", GOOD, "with GET", sized(b"hello", method=b"GET"), answered(body=b"hello"))
case(
    "body", GOOD, "with HEAD", sized(b"hello", method=b"HEAD") + get(), answered(method="HEAD", body=b""), answered()
)
case("body", GOOD, "with OPTIONS", sized(b"hello", method=b"OPTIONS"), answered(body=b"hello"))
case("body", GOOD, "with DELETE", sized(b"hello", method=b"DELETE"), answered(body=b"hello"))
case("body", GOOD, "of every byte", sized(bytes(range(256))), answered(body=bytes(range(256))))
case("body", GOOD, "of a megabyte", sized(b"x" * (1 << 20)), answered(body=b"x" * (1 << 20)))
case("body", GOOD, "shorter than its length", post(length(10)), waits())
case("body", GOOD, "with a Range", sized(b"hello", b"Range: bytes=0-10"), answered(body=b"hello"))
case(
    "body",
    GOOD,
    "of a type that nobody knows",
    sized(b"hello", b"Content-Type: application/x-nonsense"),
    answered(body=b"hello", has={"content-type": "application/x-nonsense"}),
)
case(
    "body",
    GOOD,
    "of two types",
    sized(b"hello", b"Content-Type: text/plain", b"Content-Type: text/html"),
    answered(body=b"hello"),
)
case("body", GOOD, "blanks around the length", post(b"Content-Length: \t 5 \t"), answered(body=b"hello"))
case("body", GOOD, "in two pieces", [post(length(5), body=b"he"), b"llo"], waits(), answered(body=b"hello"))

# -- Content-Length
LENGTH = "RFC 9110, 8.6"
for name, value in (
    ("letters", b"abc"),
    ("a plus", b"+5"),
    ("a minus", b"-1"),
    ("a minus of many digits", b"-123456789123456789123456789"),
    ("minus zero", b"-0"),
    ("a hex prefix", b"0x5"),
    ("an octal prefix", b"0o5"),
    ("leading zeros", b"005"),
    ("two zeros", b"00"),
    ("a blank inside", b"1 0"),
    ("an underscore", b"1_0"),
    ("a point", b"5.0"),
    ("an exponent", b"5e0"),
    ("a letter behind", b"5x"),
    ("a semicolon behind", b"5;"),
    ("empty", b""),
    ("over 64 bits", b"99999999999999999999"),
    ("just over 64 bits", b"18446744073709551616"),
    ("a list of two", b"5, 10"),
    ("a list of equals", b"5, 5"),
    ("a list of three", b"5, 5, 5"),
    ("a comma behind", b"5,"),
    ("in quotes", b'"5"'),
    ("digits of another script", "５".encode()),
    ("a vertical tab before it", b"\x0b5"),
    ("a NUL behind it", b"5\0"),
):
    case("length", LENGTH, name, post(b"Content-Length: " + value), refused())
case("length", LENGTH, "read as octal by some", post(b"Content-Length: 0200", body=b"A" * 200), refused())
case("length", LENGTH, "two that differ", post(length(5), length(10), body=b"helloworld"), refused())
case("length", LENGTH, "two that agree", post(length(5), length(5)), refused())
case("length", LENGTH, "a blank before the colon", post(length(5), b"Content-Length : 5"), refused())
case("length", LENGTH, "spelt with an underscore", post(length(5), b"Content_Length: 99"), refused())
case("length", LENGTH, "over the limit", post(length(999_999_999_999), body=b""), refused(413))

# -- Transfer-Encoding
CODING = "RFC 9112, 6.1"
for name, value, status in (
    ("gzip", b"gzip", 501),
    ("identity", b"identity", 501),
    ("a blank inside", b"chun ked", 501),
    ("a byte above ASCII", b"chunke\xe4", 501),
    ("another word", b"xchunked", 400),
    ("empty", b"", 400),
    ("chunked and gzip", b"chunked, gzip", 400),
    ("gzip and chunked", b"gzip, chunked", 400),
    ("chunked twice", b"chunked, chunked", 400),
    ("chunked and identity", b"chunked, identity", 400),
    ("a comma before", b", chunked", 400),
    ("a comma behind", b"chunked,", 400),
    ("with a parameter", b"chunked;a=b", 400),
    ("in quotes", b'"chunked"', 400),
    ("a vertical tab before it", b"\x0bchunked", 400),
    ("a form feed before it", b"\x0cchunked", 400),
    ("a NUL behind it", b"chunked\0", 400),
):
    line = b"Transfer-Encoding: " + value
    case("coding", CODING, name, post(line), refused(status))
    case("coding", CODING, f"{name}, and a length", post(line, length(5)), refused(status))
for name, lines in (
    ("in capitals, and a length", (b"Transfer-Encoding: CHUNKED", length(5))),
    ("a tab before it, and a length", (b"Transfer-Encoding:\tchunked", length(5))),
    ("a blank behind it, and a length", (b"Transfer-Encoding: chunked ", length(5))),
    ("a blank before the colon", (b"Transfer-Encoding : chunked", length(5))),
    ("spelt with an underscore", (b"Transfer_Encoding: chunked",)),
    ("spelt with an underscore, and a length", (b"Transfer_Encoding: chunked", length(5))),
    ("folded, and a length", (b"Transfer-Encoding:\r\n chunked", length(5))),
    ("two lines that agree", (CHUNKED, CHUNKED)),
    ("two lines that differ", (CHUNKED, b"Transfer-Encoding: identity")),
    ("two lines, and a length", (CHUNKED, b"Transfer-Encoding: identity", length(5))),
):
    case("coding", CODING, name, post(*lines, body=b"5\r\nhello\r\n0\r\n\r\n"), refused())
case("coding", CODING, "in HTTP/1.0", chunked(b"5\r\nhello\r\n0\r\n\r\n", first=b"POST / HTTP/1.0"), refused())
case("coding", CODING, "in HTTP/1.0, and a length", chunked(b"hello", length(5), first=b"POST / HTTP/1.0"), refused())
case(
    "coding",
    CODING,
    "folded, with OPTIONS",
    post(b"Transfer-Encoding:\r\n chunked", length(5), first=b"OPTIONS / HTTP/1.1"),
    refused(),
)
case(
    "coding",
    CODING,
    "in mixed case",
    post(b"TRANSFER-ENCODING: Chunked", body=b"5\r\nhello\r\n0\r\n\r\n"),
    answered(body=b"hello"),
)

# -- chunks
CHUNK = "RFC 9112, 7.1"
for name, body, wanted in (
    ("one", b"5\r\nhello\r\n0\r\n\r\n", b"hello"),
    ("two", b"5\r\nhello\r\n6\r\n world\r\n0\r\n\r\n", b"hello world"),
    ("none", b"0\r\n\r\n", b""),
    ("a size in capitals", b"A\r\nhelloworld\r\n0\r\n\r\n", b"helloworld"),
    ("a size with zeros", b"0005\r\nhello\r\n000\r\n\r\n", b"hello"),
    ("an extension", b"5;a=b\r\nhello\r\n0\r\n\r\n", b"hello"),
    ("an extension without a value", b"5;a\r\nhello\r\n0;z\r\n\r\n", b"hello"),
    ("an extension in quotes", b'5;a="b;\\"c"\r\nhello\r\n0\r\n\r\n', b"hello"),
    ("line ends in the data", b"4\r\n\r\n\r\n\r\n0\r\n\r\n", b"\r\n\r\n"),
    ("a trailer", b"5\r\nhello\r\n0\r\nX-Sum: abc\r\n\r\n", b"hello"),
):
    case("chunks", CHUNK, name, chunked(body) + get(), answered(body=wanted), answered(body=b""))
case(
    "chunks",
    CHUNK,
    "each byte alone",
    chunked(b"".join(b"1\r\n%c\r\n" % c for c in b"hello") + b"0\r\n\r\n"),
    answered(body=b"hello"),
)
case("chunks", CHUNK, "no last one", chunked(b"5\r\nhello\r\n"), waits())
case("chunks", CHUNK, "no end behind the last one", chunked(b"5\r\nhello\r\n0\r\n"), waits())
for name, body in (
    ("a size that is a word", b"zz\r\nhello\r\n0\r\n\r\n"),
    ("an empty size", b"\r\nhello\r\n0\r\n\r\n"),
    ("a size with 0x", b"0x5\r\nhello\r\n0\r\n\r\n"),
    ("a plus", b"+5\r\nhello\r\n0\r\n\r\n"),
    ("a minus", b"-1\r\nhello\r\n0\r\n\r\n"),
    ("plus zero", b"+0\r\n\r\nX"),
    ("an underscore", b"1_0\r\nhello world!!!!!\r\n0\r\n\r\n"),
    ("a blank before the size", b" 5\r\nhello\r\n0\r\n\r\n"),
    ("a blank behind the size", b"5 \r\nhello\r\n0\r\n\r\n"),
    ("a tab behind the size", b"5\t\r\nhello\r\n0\r\n\r\n"),
    ("a size over 64 bits", b"fffffffffffffffff\r\nhello\r\n0\r\n\r\n"),
    ("a size that wraps to five", b"10000000000000005\r\nhello\r\n0\r\n\r\n"),
    ("a size of many zeros", b"0" * 100 + b"5\r\nhello\r\n0\r\n\r\n"),
    ("a size in another script", "５\r\nhello\r\n0\r\n\r\n".encode()),
    ("data longer than it says", b"5\r\nhello!!\r\n0\r\n\r\n"),
    ("data shorter than it says", b"7\r\nhello\r\n0\r\n\r\n"),
    ("no CRLF behind the data", b"5\r\nhello0\r\n\r\n"),
    ("a bare LF behind the size", b"5\nhello\r\n0\r\n\r\n"),
    ("a bare CR behind the size", b"5\rhello\r\n0\r\n\r\n"),
    ("a bare LF behind the data", b"5\r\nhello\n0\r\n\r\n"),
    ("a bare CR behind the data", b"5\r\nhello\r0\r\n\r\n"),
    ("a bare LF at the end", b"5\r\nhello\r\n0\r\n\n"),
    ("a semicolon and nothing", b"5;\r\nhello\r\n0\r\n\r\n"),
    ("a semicolon and a bare LF", b"5;\nhello\r\n0\r\n\r\n"),
    ("an extension with a bracket", b"5;a[=b\r\nhello\r\n0\r\n\r\n"),
    ("an extension with a NUL", b"5;\0a\r\nhello\r\n0\r\n\r\n"),
    ("an extension with a bare CR", b"5;a\rX\r\nhello\r\n0\r\n\r\n"),
    ("an extension with a bare LF", b"5;a\nX\r\nhello\r\n0\r\n\r\n"),
    ("an extension in open quotes", b'5;a="b\r\nhello\r\n0\r\n\r\n'),
    ("an extension without end", b"5;" + b"a" * 100_000 + b"\r\nhello\r\n0\r\n\r\n"),
    ("a trailer with a blank before its colon", b"5\r\nhello\r\n0\r\nX-A : b\r\n\r\n"),
    ("a folded trailer", b"5\r\nhello\r\n0\r\nX-A: b\r\n c\r\n\r\n"),
    ("a trailer with a NUL", b"5\r\nhello\r\n0\r\nX-A: b\0\r\n\r\n"),
    ("trailers without end", b"5\r\nhello\r\n0\r\n" + b"X-A: b\r\n" * 20_000 + b"\r\n"),
):
    case("chunks", CHUNK, name, chunked(body), refused())

# -- trailers that would change what has been decided: RFC 9110, 6.5.1
for line in (
    b"Content-Length: 50",
    CHUNKED,
    b"Host: elsewhere.example",
    b"Authorization: Bearer x",
    b"Content-Type: text/evil",
):
    sent = chunked(b"5\r\nhello\r\n0\r\n" + line + b"\r\n\r\n")
    case("trailers", "RFC 9110, 6.5.1", line.decode(), sent, refused())

# -- two framings at once, and what may be hidden behind them
BOTH = "RFC 9112, 6.3"
SIZE = length(len(TAIL))
for name, sent in (
    ("a length that covers the chunks", post(length(27), CHUNKED, body=b"D\r\nhello-bananas\r\n0\r\n\r\n")),
    ("a length too small", post(length(4), CHUNKED, body=b"0\r\n\r\n")),
    ("a length too large", post(CHUNKED, length(30), body=b"0\r\n\r\n")),
    ("a byte behind the last chunk", post(length(6), CHUNKED, body=b"0\r\n\r\nX")),
    ("a request behind the last chunk", post(SIZE, CHUNKED, body=TAIL)),
    ("a request behind, chunked first", post(CHUNKED, SIZE, body=TAIL)),
    ("HEAD behind", post(length(len(TAIL) + 1), CHUNKED, body=TAIL.replace(b"GET /h", b"HEAD /h"))),
    ("a signed length", post(length(b"+%d" % len(TAIL)), CHUNKED, body=TAIL)),
    ("a length with a letter", post(length(b"%dx" % len(TAIL)), CHUNKED, body=TAIL)),
    ("a folded coding", post(b"Transfer-Encoding:\r\n chunked", SIZE, body=TAIL)),
    ("a blank behind the coding", post(SIZE, b"Transfer-Encoding: chunked ", body=TAIL)),
    ("a comma before the coding", post(SIZE, b"Transfer-Encoding: , chunked", body=TAIL)),
    ("a coding in other letters", post(SIZE, b"Transfer-Encoding: Chunked", body=TAIL)),
    ("two codings", post(CHUNKED, b"Transfer-Encoding: identity", SIZE, body=TAIL)),
    ("a request in the chunk", post(CHUNKED, length(4), body=b"%x\r\n%s\r\n0\r\n\r\n" % (len(HIDDEN), HIDDEN))),
    ("two lengths", post(length(4), length(4 + len(HIDDEN)), body=b"PING" + HIDDEN)),
    ("with GET", get(length(5), CHUNKED, body=b"0\r\n\r\n")),
    ("in HTTP/1.0", post(length(5), CHUNKED, body=b"0\r\n\r\n", first=b"POST / HTTP/1.0")),
):
    case("hidden", BOTH, name, sent, refused())

# -- a body is read to its end and no further, whatever the method
PREFIX = b"GET /hidden HTTP/1.1\r\nHost: localhost\r\n"
for method in (b"GET", b"HEAD", b"OPTIONS", b"DELETE", b"PATCH"):
    shown = {"method": "HEAD", "body": b""} if method == b"HEAD" else {"body": PREFIX}
    case(
        "reuse",
        "RFC 9112, 9.3",
        f"a request begins in the body of {method.decode()}",
        [sized(PREFIX, method=method), get(first=b"GET /echo HTTP/1.1")],
        answered(**shown),
        answered(body=HOST + b"\n"),
    )
case(
    "reuse",
    "RFC 9112, 9.3",
    "one after the other",
    [get(), get(), sized(b"abc")],
    answered(),
    answered(),
    answered(body=b"abc"),
)
case(
    "reuse",
    "RFC 9112, 9.3.2",
    "three at once",
    get() + sized(b"abc") + chunked(b"1\r\nx\r\n0\r\n\r\n"),
    answered(),
    answered(body=b"abc"),
    answered(body=b"x"),
)
case("reuse", "RFC 9112, 9.3.2", "the second of two is bad", get() + post(length(b"x")), answered(), refused())
case(
    "reuse",
    "RFC 9112, 2.2",
    "an empty line between two",
    sized(b"abc") + b"\r\n" + get(),
    answered(body=b"abc"),
    answered(),
)
case(
    "reuse",
    "RFC 9112, 9.3",
    "a byte behind a body of zero",
    post(length(0), body=b"X") + get(),
    answered(body=b""),
    answered(501),
)

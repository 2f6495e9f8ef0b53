"""What h11 and llhttp (by httptools) make of a client's bytes, in the shape that driver.cc prints."""

import h11
import httptools


def _text(data):
    return data.decode("latin-1")


def judge_h11(data):
    messages, message = [], None
    connection = h11.Connection(h11.SERVER, max_incomplete_event_size=64 * 1024)
    connection.receive_data(data)
    while True:
        try:
            event = connection.next_event()
        except h11.RemoteProtocolError as error:
            return {"messages": messages, "end": "refused", "status": error.error_status_hint, "message": str(error)}
        if isinstance(event, h11.Request):
            message = {
                "method": _text(event.method),
                "target": _text(event.target),
                "minor": int(event.http_version[2:]),
                "headers": [[_text(n), _text(v)] for n, v in event.headers],
                "body": "",
            }
        elif isinstance(event, h11.Data):
            message["body"] += _text(bytes(event.data))
        elif isinstance(event, h11.EndOfMessage):
            message["keep_alive"] = connection.their_state in (h11.DONE, h11.MIGHT_SWITCH_PROTOCOL)
            messages.append(message)
            if not _next_request(connection, message):
                return {"messages": messages, "end": "clean"}
            message = None
        else:  # NEED_DATA, or PAUSED at the end of a CONNECT
            clean = message is None and not connection.trailing_data[0]
            return {"messages": messages, "end": "clean" if clean else "more"}


def _next_request(connection, message):
    """Answers (no to every upgrade), so that h11 reads on. False when the connection ends here."""
    if not message["keep_alive"]:
        return False
    connection.send(h11.Response(status_code=404, headers=[("content-length", "0")]))
    connection.send(h11.EndOfMessage())
    if connection.our_state is not h11.DONE or connection.their_state is not h11.DONE:
        return False
    connection.start_next_cycle()
    return True


class _Collector:
    def __init__(self):
        self.messages, self.message, self.parser = [], None, None

    def on_message_begin(self):
        self.message = {"target": "", "headers": [], "body": ""}

    def on_url(self, url):
        self.message["target"] += _text(url)

    def on_header(self, name, value):
        if "method" not in self.message:  # else it's a trailer, which the others drop
            self.message["headers"].append([_text(name), _text(value)])

    def on_headers_complete(self):
        self.message["method"] = _text(self.parser.get_method())
        self.message["minor"] = int(self.parser.get_http_version()[2:])

    def on_body(self, body):
        self.message["body"] += _text(body)

    def on_message_complete(self):
        self.message["keep_alive"] = self.parser.should_keep_alive()
        self.messages.append(self.message)
        self.message = None


def judge_llhttp(data):
    """llhttp reads the whole connection at once; what it says about bytes behind a message that closes is not asked."""
    collector = _Collector()
    collector.parser = httptools.HttpRequestParser(collector)
    end, message = "", ""
    try:
        collector.parser.feed_data(data)
    except httptools.HttpParserUpgrade:
        end = "clean"
    except httptools.HttpParserError as error:
        end, message = "refused", str(error)
    closed = next((i for i, m in enumerate(collector.messages) if not m["keep_alive"]), None)
    if closed is not None:
        return {"messages": collector.messages[: closed + 1], "end": "clean"}
    if not end:
        # Without a message begun llhttp tells nothing; empty lines before a request are all that it passes in silence.
        end = "more" if collector.message is not None else "clean"
    return {"messages": collector.messages, "end": end, "message": message}


JUDGES = {"h11": judge_h11, "llhttp": judge_llhttp}

//! Answers that are not the HTTP they should be, and answers without end.

use bytes::Bytes;

use super::{Family, Garbled, Genuine, Shape, Tail};

/// One piece of a body without end.
const PIECE: usize = 64 * 1024;

const fn wire(name: &'static str, what: &'static str, make: fn(Genuine) -> Garbled) -> Shape {
    Shape::new(Family::Wire, name, what, make)
}

pub(super) static SHAPES: [Shape; 30] = [
    wire("endless-blank", "white space without end", |genuine| {
        endless(genuine, "", " ".repeat(PIECE))
    }),
    wire("endless-string", "a string without end", |genuine| {
        endless(genuine, "{\"id\":\"", "a".repeat(PIECE))
    }),
    wire("endless-array", "an array without end", |genuine| {
        endless(genuine, "[{}", ",{}".repeat(PIECE / 3))
    }),
    wire("endless-keys", "an object without end", |genuine| {
        endless(genuine, "{\"id\":0", ",\"id\":0".repeat(PIECE / 7))
    }),
    wire(
        "endless-depth",
        "arrays in one another without end",
        |genuine| endless(genuine, "", "[".repeat(PIECE)),
    ),
    wire(
        "huge-blank",
        "the right answer after a gigabyte of white space",
        |genuine| {
            let body = genuine.body();
            let piece = " ".repeat(PIECE);
            let tail = Tail::Long(Bytes::from(piece), 16 * 1024, Bytes::from(body));
            Garbled::Http(genuine.with_body(""), tail)
        },
    ),
    wire("byte-a-second", "one byte a second", |genuine| {
        let body = genuine.body();
        Garbled::Http(genuine.with_body(body), Tail::Trickle)
    }),
    wire(
        "half-then-silence",
        "half of the body, then nothing more",
        |genuine| {
            let body = genuine.body();
            let half = body.as_bytes()[..body.len() / 2].to_vec();
            let reply = genuine.with_body(half);
            Garbled::Http(
                reply.with("content-length", body.len().to_string()),
                Tail::Stall,
            )
        },
    ),
    wire(
        "head-then-silence",
        "only the head, then nothing more",
        |genuine| {
            let reply = genuine.with_body("");
            Garbled::Http(reply.with("content-length", "512"), Tail::Stall)
        },
    ),
    wire(
        "length-too-long",
        "Content-Length says more than there is",
        |genuine| {
            let body = genuine.body();
            let declared = (body.len() + 100).to_string();
            let reply = genuine.with_body(body).with("content-length", declared);
            Garbled::Http(reply, Tail::Break)
        },
    ),
    wire(
        "length-too-short",
        "Content-Length says half of what there is",
        |genuine| {
            let body = genuine.body();
            let declared = (body.len() / 2).to_string();
            let reply = genuine.with_body(body).with("content-length", declared);
            Garbled::Http(reply, Tail::EndDeclared)
        },
    ),
    wire(
        "length-of-terabytes",
        "Content-Length says ten terabytes",
        |genuine| {
            let reply = genuine
                .with_body("{")
                .with("content-length", "10995116277760");
            Garbled::Http(reply, Tail::Stall)
        },
    ),
    wire(
        "chunks-cut-short",
        "chunks, the last of which never comes",
        |genuine| {
            let body = genuine.body();
            Garbled::Http(genuine.with_body(body), Tail::Break)
        },
    ),
    wire("two-lengths", "two different Content-Lengths", |genuine| {
        let body = genuine.body();
        let length = body.len();
        raw(&format!(
            "Content-Length: {length}\r\nContent-Length: {}\r\n\r\n{body}",
            length / 2
        ))
    }),
    wire("negative-length", "a negative Content-Length", |genuine| {
        raw(&format!("Content-Length: -1\r\n\r\n{}", genuine.body()))
    }),
    wire(
        "length-in-words",
        "a Content-Length that is no number",
        |genuine| raw(&format!("Content-Length: many\r\n\r\n{}", genuine.body())),
    ),
    wire("bad-chunk-size", "a chunk whose size is no number", |_| {
        raw("Transfer-Encoding: chunked\r\n\r\nzz\r\n{}\r\n0\r\n\r\n")
    }),
    wire(
        "huge-chunk-size",
        "a chunk larger than every memory",
        |_| raw("Transfer-Encoding: chunked\r\n\r\nfffffffffffffff\r\n{}\r\n"),
    ),
    wire("chunk-overrun", "a chunk longer than its size", |_| {
        raw("Transfer-Encoding: chunked\r\n\r\n1\r\n{\"id\":\"00u\"}\r\n0\r\n\r\n")
    }),
    wire("not-http", "another protocol", |_| {
        Garbled::Raw(Bytes::from_static(b"SSH-2.0-OpenSSH_9.9\r\n"))
    }),
    wire("http2-frames", "HTTP/2 where HTTP/1.1 is spoken", |_| {
        Garbled::Raw(Bytes::from_static(
            b"\x00\x00\x06\x04\x00\x00\x00\x00\x00\x00\x03\x00\x00\x00\x64\x00\x00\x08\x07\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00",
        ))
    }),
    wire("no-status-line", "a body without any head", |genuine| {
        Garbled::Raw(genuine.body().into())
    }),
    wire("status-in-words", "a status that is no number", |_| {
        Garbled::Raw(Bytes::from_static(
            b"HTTP/1.1 OK\r\nContent-Length: 2\r\n\r\n{}",
        ))
    }),
    wire("half-a-head", "the connection ends within the head", |_| {
        Garbled::Raw(Bytes::from_static(b"HTTP/1.1 200 OK\r\nContent-Ty"))
    }),
    wire(
        "bad-header-name",
        "a header name that HTTP does not permit",
        |_| raw("Content Length: 2\r\nX\x01Y: z\r\n\r\n{}"),
    ),
    wire("huge-header", "a header of four megabytes", |_| {
        raw(&format!(
            "X-Big: {}\r\nContent-Length: 2\r\n\r\n{{}}",
            "a".repeat(4 << 20)
        ))
    }),
    wire("thousands-of-headers", "ten thousand headers", |_| {
        let headers: String = (0..10_000).map(|n| format!("X-{n}: {n}\r\n")).collect();
        raw(&format!("{headers}Content-Length: 2\r\n\r\n{{}}"))
    }),
    wire(
        "hundred-continues",
        "a hundred thousand times 100 Continue",
        |_| Garbled::Raw("HTTP/1.1 100 Continue\r\n\r\n".repeat(100_000).into()),
    ),
    wire("switching-protocols", "101, which nobody asked for", |_| {
        Garbled::Raw(Bytes::from_static(
            b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n\x81\x02{}",
        ))
    }),
    wire(
        "gzip-rubbish",
        "Content-Encoding says gzip, and it is not",
        |genuine| {
            let rubbish: Vec<u8> = [0x1f, 0x8b, 8, 0]
                .into_iter()
                .chain((0..=255).rev())
                .collect();
            let reply = genuine.with_body(rubbish);
            Garbled::Http(reply.with("content-encoding", "gzip"), Tail::End)
        },
    ),
];

fn endless(genuine: Genuine, start: &str, piece: String) -> Garbled {
    let reply = genuine.with_body(start);
    Garbled::Http(reply, Tail::Endless(piece.into()))
}

/// A head with status 200 that goes on as given.
fn raw(rest: &str) -> Garbled {
    let head = "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n";
    Garbled::Raw(format!("{head}{rest}").into())
}

//! What goes wrong below HTTP, in TLS, and in the streams of HTTP/2.

use h2::Reason;

use super::super::fault::{End, Fault, Line, Shown, Step, again, broken, fault, words};
use super::super::said::{DONE, STREAM, finish, says, stream, text, whole};

/// As large as it is without a word about it.
const WINDOW: u32 = 65_535;

pub fn faults() -> Vec<Fault> {
    [certificates(), handshakes(), cuts(), streams()]
        .into_iter()
        .flatten()
        .collect()
}

fn certificates() -> Vec<Fault> {
    let shows =
        |name: &str, shown, said: &'static str| fault(name, stream(whole("Hello")), words(said)).over(Line::Tls(shown));
    vec![
        fault("a certificate as it should be", stream(whole("Hello")), End::Completes)
            .shows("Hello")
            .over(Line::Tls(Shown::Good)),
        shows(
            "a certificate of a stranger",
            Shown::Foreign,
            "nobody whom this machine trusts has signed",
        ),
        shows(
            "a certificate for another host",
            Shown::Misnamed,
            "its certificate is for gateway.example",
        ),
        shows(
            "a certificate that has ended",
            Shown::Expired,
            "its certificate ended on Thu, 29 Feb 2024",
        ),
        shows(
            "a certificate that has not begun",
            Shown::Early,
            "its certificate begins on Wed, 01 Jan 3000",
        ),
        shows(
            "a certificate of an authority itself",
            Shown::Authority,
            "its certificate is that of an authority",
        ),
    ]
}

/// What else may answer a greeting of TLS.
#[rustfmt::skip]
fn handshakes() -> Vec<Fault> {
    let answers = |name: &str, steps: Vec<Step>, end: End| fault(name, steps, end).unheard().over(Line::Promised);
    let alert = |number: u8| says([21, 3, 3, 0, 2, 2, number]);
    vec![
        answers("a server in the clear where TLS belongs", vec![says("HTTP/1.1 400 Bad Request\r\n\r\n"), Step::Closes], words("it does not speak TLS")),
        answers("an alert that the handshake failed", vec![alert(40), Step::Closes], words("Acme")),
        answers("an alert that wants an older TLS", vec![alert(70), Step::Closes], words("Acme")),
        answers("an alert that knows no such name", vec![alert(112), Step::Closes], words("Acme")),
        answers("a handshake that is closed", vec![Step::Closes], again("Acme")),
        answers("a handshake that is reset", vec![Step::Resets], again("Acme")),
        answers("a handshake that falls silent", vec![Step::Stalls], again("Acme")).silence(300),
        answers("a handshake without an end", vec![Step::Floods(vec![22, 3, 3, 0, 1, 2].into())], words("Acme")),
    ]
}

/// Connections with TLS that end without its farewell.
fn cuts() -> Vec<Fault> {
    let cut = |name: &str, said: String, end: End| {
        fault(name, vec![says(said), Step::WaitsForCodex, Step::Resets], end)
            .over(Line::Tls(Shown::Good))
            .shows("Hel")
    };
    vec![
        cut(
            "TLS that is reset in the text",
            format!("{STREAM}{}", text("Hel")),
            broken("the answer of Acme broke off: "),
        ),
        cut(
            "TLS that is reset after the end",
            format!("{STREAM}{}{}", text("Hel"), finish("stop")),
            End::Completes,
        ),
        fault(
            "TLS that falls silent after the request",
            vec![Step::Stalls],
            again("Acme did not answer: "),
        )
        .over(Line::Tls(Shown::Good))
        .silence(300),
    ]
}

#[rustfmt::skip]
fn streams() -> Vec<Fault> {
    let over = |name: &str, steps: Vec<Step>, end: End| fault(name, steps, end).over(Line::Http2(WINDOW));
    let begun = |step: Step| vec![says(text("Hel")), Step::WaitsForCodex, step, Step::Stalls];
    let refused = |reason| vec![Step::Refuses(reason), Step::Stalls];
    let gone = |reason| vec![Step::GoesAway(reason), Step::Stalls];
    let broke = || broken("the answer of Acme broke off: ");
    let before = || again("the answer of Acme broke off: ");
    vec![
        over("HTTP/2 as it should be", vec![says(whole("Hello")), Step::Closes], End::Completes).shows("Hello"),
        over("a stream that is refused", refused(Reason::REFUSED_STREAM), before()),
        over("a stream that is cancelled", refused(Reason::CANCEL), before()),
        over("a stream that asks for calm", refused(Reason::ENHANCE_YOUR_CALM), before()),
        over("a stream that is broken", refused(Reason::INTERNAL_ERROR), before()),
        over("a stream that wants HTTP/1.1", refused(Reason::HTTP_1_1_REQUIRED), before()),
        over("a stream that is cancelled in the text", begun(Step::Refuses(Reason::CANCEL)), broke()).shows("Hel"),
        over("a stream that is broken in the text", begun(Step::Refuses(Reason::INTERNAL_ERROR)), broke()).shows("Hel"),
        over("a stream that asks for calm in the text", begun(Step::Refuses(Reason::ENHANCE_YOUR_CALM)), broke()).shows("Hel"),
        over("a stream that is cancelled after the end", vec![says([text("Hel"), finish("stop")].concat()), Step::WaitsForCodex, Step::Refuses(Reason::CANCEL), Step::Stalls], End::Completes).shows("Hel"),
        over("a connection that goes away", gone(Reason::ENHANCE_YOUR_CALM), before()),
        over("a connection that goes away without a reason", gone(Reason::NO_ERROR), before()),
        over("a connection that goes away in the text", begun(Step::GoesAway(Reason::INTERNAL_ERROR)), broke()).shows("Hel"),
        over("a stream that ends in the text", vec![says(text("Hel")), Step::Closes], broken("before the answer was finished")).shows("Hel"),
        over("a stream that ends without a word", vec![Step::Closes], again("it was empty")),
        over("a stream that falls silent", vec![Step::Stalls], again("Acme did not answer: ")).silence(300),
        over("a stream that falls silent in the text", vec![says(text("Hel")), Step::Stalls], broken("Acme did not answer: ")).shows("Hel").silence(300),
        over("a stream whose end is marked and does not come", vec![says([text("Hel"), finish("stop"), DONE.to_owned()].concat()), Step::Stalls], End::Completes).shows("Hel"),
        fault("a window of nothing", vec![Step::Stalls], again("Acme did not answer: ")).over(Line::Http2(0)).silence(300),
    ]
}

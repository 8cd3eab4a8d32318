//! Why a connection over TLS does not stand, in words that say what to do. There is no way to do without: whoever
//! answers in the provider's place would get the key.

use std::error::Error;
use std::io;
use std::iter::successors;
use std::time::{Duration, SystemTime};

use rustls::pki_types::UnixTime;
use rustls::{CertificateError, InvalidMessage};

/// What is wrong, if it is TLS.
pub fn fault(error: &reqwest::Error) -> Option<String> {
    let mut causes = successors(error.source(), |&cause| cause.source());
    causes.find_map(of_cause).map(words)
}

/// An I/O error says what it is made of by itself alone, and not as its cause.
fn of_cause<'a>(cause: &'a (dyn Error + 'static)) -> Option<&'a rustls::Error> {
    let made_of = |error: &'a io::Error| of_cause(error.get_ref()?);
    cause.downcast_ref().or_else(|| made_of(cause.downcast_ref()?))
}

fn words(error: &rustls::Error) -> String {
    match error {
        rustls::Error::InvalidCertificate(fault) => of_certificate(fault),
        // A server without TLS answers in plain text.
        rustls::Error::InvalidMessage(InvalidMessage::InvalidContentType) => {
            "it does not speak TLS; is its address one with `http://`?".to_owned()
        }
        rustls::Error::AlertReceived(alert) => {
            format!(
                "it refuses the connection ({alert:?}); it may want a certificate of the client, which crelay has not"
            )
        }
        other => format!("it speaks no TLS that can be trusted ({other})"),
    }
}

fn of_certificate(fault: &CertificateError) -> String {
    match fault {
        // An authority that was made anew under its old name has not signed what the old one has.
        CertificateError::UnknownIssuer | CertificateError::BadSignature => {
            "nobody whom this machine trusts has signed its certificate; if it is your \
             company's or your own, name the certificate of who signed it with `ca_file` in the configuration"
                .to_owned()
        }
        CertificateError::ExpiredContext { not_after, .. } => format!(
            "its certificate ended on {}; whoever runs it must renew it, or the clock of this machine is wrong",
            date(*not_after)
        ),
        CertificateError::NotValidYetContext { not_before, .. } => format!(
            "its certificate begins on {}; the clock of this machine is wrong, or theirs was",
            date(*not_before)
        ),
        CertificateError::NotValidForNameContext { presented, .. } if presented.is_empty() => {
            "its certificate is for no host at all; whoever runs it must name this one as its subjectAltName".to_owned()
        }
        CertificateError::NotValidForNameContext { presented, .. } => format!(
            "its certificate is for {}; write the address as one of these, or somebody else answers there",
            presented.iter().map(|name| host(name)).collect::<Vec<_>>().join(", ")
        ),
        // The name of the fault is all that rustls 0.23 lets through.
        CertificateError::Other(other) if other.to_string().contains("CaUsedAsEndEntity") => {
            "its certificate is that of an authority; whoever runs it must make one for a server \
             (`-addext basicConstraints=CA:FALSE` of `openssl req -x509`)"
                .to_owned()
        }
        other => format!("its certificate cannot be believed ({other})"),
    }
}

/// A name of a certificate comes from rustls 0.23 in the words of its `Debug`: `DnsName("a.example")`.
fn host(name: &str) -> &str {
    let (_, inner) = name.split_once('(').unwrap_or(("", name));
    inner.trim_end_matches(')').trim_matches('"')
}

fn date(time: UnixTime) -> String {
    httpdate::fmt_http_date(SystemTime::UNIX_EPOCH + Duration::from_secs(time.as_secs()))
}

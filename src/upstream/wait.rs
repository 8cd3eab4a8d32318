//! When to come back, where a provider says so: in a header, in a field, or in its words.

use std::time::{Duration, SystemTime};

use reqwest::header::{HeaderMap, RETRY_AFTER};

use crate::session::Codes;
use crate::usage::Day;

use super::complaint::Complaint;

/// Nothing that is further away is believed.
const FURTHEST: Duration = Duration::from_secs(366 * 24 * 3600);

/// What stands before a duration.
const IN: &[&str] = &[
    "try again in ",
    "retry in ",
    "retry after ",
    "try again after ",
    "reset in ",
    "resets in ",
    "reset after ",
];

/// What stands before a time.
const AT: &[&str] = &["reset at ", "resets at ", "将在 "];

/// How long to wait, by the headers of an answer.
pub fn by_headers(headers: &HeaderMap, now: SystemTime) -> Option<Duration> {
    header_wait(headers, now).filter(|wait| *wait <= FURTHEST)
}

fn header_wait(headers: &HeaderMap, now: SystemTime) -> Option<Duration> {
    if let Some(milliseconds) = number(headers, "retry-after-ms") {
        return Duration::try_from_secs_f64(milliseconds / 1000.0).ok();
    }
    if let Some(seconds) = number(headers, RETRY_AFTER.as_str()) {
        return Duration::try_from_secs_f64(seconds).ok();
    }
    let date = httpdate::parse_http_date(headers.get(RETRY_AFTER)?.to_str().ok()?).ok()?;
    Some(date.duration_since(now).unwrap_or_default())
}

fn number(headers: &HeaderMap, name: &str) -> Option<f64> {
    headers.get(name)?.to_str().ok()?.trim().parse().ok()
}

/// How long until the limit that is used up is whole again, by the headers with which providers tell where their limits
/// stand: `x-ratelimit-reset-tokens: 6m0s` (OpenAI, Groq), `x-ratelimit-reset-requests-day` in seconds (Cerebras),
/// `anthropic-ratelimit-tokens-reset` with a time, `X-RateLimit-Reset` in milliseconds since 1970 (OpenRouter),
/// `ratelimit-reset` and `ratelimit: …;r=0;t=30` (drafts of the IETF). Each has a twin that says what remains; a limit
/// of which something does is not the one that was reached. (Names from memory; the spelling of OpenRouter's was
/// recorded.)
pub fn by_limits(headers: &HeaderMap, now: SystemTime) -> Option<Duration> {
    let mut used_up = None;
    let mut unknown = None;
    for (name, value) in headers {
        let (Some(value), name) = (value.to_str().ok().map(str::trim), name.as_str()) else {
            continue;
        };
        let (wait, remains) = if name == "ratelimit" {
            (
                member(value, &["t", "reset"]).and_then(|value| field_wait(value, now)),
                member(value, &["r", "remaining"]).and_then(|value| value.parse().ok()),
            )
        } else if name.contains("ratelimit") && name.contains("reset") {
            (
                field_wait(value, now),
                number(headers, &name.replace("reset", "remaining")),
            )
        } else {
            continue;
        };
        let Some(wait) = wait.filter(|wait| *wait <= FURTHEST) else {
            continue;
        };
        match remains {
            Some(0.0) => used_up = used_up.max(Some(wait)),
            Some(_) => {}
            None => unknown = unknown.map_or(Some(wait), |known: Duration| Some(known.min(wait))),
        }
    }
    used_up.or(unknown)
}

/// The member of a list like `"default";r=0;t=30` that has one of these names.
fn member<'a>(list: &'a str, names: &[&str]) -> Option<&'a str> {
    let mut members = list
        .split([';', ','])
        .filter_map(|member| member.trim().split_once('='));
    members.find_map(|(name, value)| names.contains(&name).then_some(value))
}

/// How long to wait, by what was said.
pub fn by_words(who: Codes, complaint: &Complaint, now: SystemTime) -> Option<Duration> {
    let fields = complaint.waits.iter().filter_map(|field| field_wait(field, now));
    let texts = complaint.texts.iter().filter_map(|text| text_wait(who, text, now));
    fields.chain(texts).find(|wait| *wait <= FURTHEST)
}

/// `32s`, seconds, a time since 1970 in seconds or milliseconds, a time.
fn field_wait(field: &str, now: SystemTime) -> Option<Duration> {
    let Ok(number) = field.parse::<f64>() else {
        return duration(&field.to_lowercase()).or_else(|| until(time(field, None)?, now));
    };
    match Duration::try_from_secs_f64(number).ok()? {
        milliseconds if milliseconds.as_secs() > 100_000_000_000 => until(milliseconds / 1000, now),
        seconds if seconds.as_secs() > 1_000_000_000 => until(seconds, now),
        seconds => Some(seconds),
    }
}

fn text_wait(who: Codes, text: &str, now: SystemTime) -> Option<Duration> {
    let after = |cue: &&str| Some(&text[text.find(*cue)? + cue.len()..]);
    if let Some(wait) = IN.iter().filter_map(after).find_map(duration) {
        return Some(wait);
    }
    // GLM means Beijing and does not say so (hugalafutro/model-hotel #955, 2026-09); with others it is not known.
    let zone = (who == Codes::Glm).then_some(8 * 3600);
    let time = AT.iter().filter_map(after).find_map(|text| time(text, zone))?;
    until(time, now)
}

/// From now to a time since 1970, unless it is over.
fn until(time: Duration, now: SystemTime) -> Option<Duration> {
    SystemTime::UNIX_EPOCH.checked_add(time)?.duration_since(now).ok()
}

/// The duration at the start of a text: `7m12.48s`, `1 seconds`, `5 days 10 hours`.
fn duration(text: &str) -> Option<Duration> {
    let mut sum = None;
    let mut rest = text;
    loop {
        let digits = rest.trim_start_matches(|c: char| c.is_ascii_digit() || c == '.');
        let Ok(number) = rest[..rest.len() - digits.len()].parse::<f64>() else {
            return sum;
        };
        let word = digits.trim_start();
        let after = word.trim_start_matches(|c: char| c.is_ascii_alphabetic());
        let unit = match &word[..word.len() - after.len()] {
            "ms" | "milliseconds" => 0.001,
            "s" | "sec" | "second" | "seconds" => 1.0,
            "m" | "min" | "minute" | "minutes" => 60.0,
            "h" | "hour" | "hours" => 3600.0,
            "d" | "day" | "days" => 86_400.0,
            _ => return sum,
        };
        let part = Duration::try_from_secs_f64(number * unit).ok()?;
        sum = Some(sum.unwrap_or(Duration::ZERO).checked_add(part)?);
        rest = after.trim_start();
    }
}

/// The time at the start of a text, since 1970: `2026-09-09 05:38:28`, `2026-05-15T15:00:00Z`, `… +0800`. Where it
/// names no zone, `zone` is meant: seconds east of Greenwich.
fn time(text: &str, zone: Option<i64>) -> Option<Duration> {
    let field = |range: std::ops::Range<usize>| text.get(range)?.parse::<u64>().ok();
    let is_time = [(4, "-"), (7, "-"), (13, ":"), (16, ":")]
        .iter()
        .all(|(place, mark)| text.get(*place..*place + 1) == Some(*mark));
    if !is_time {
        return None;
    }
    let day = Day::on(field(0..4)?, field(5..7)?, field(8..10)?)?;
    let seconds = field(11..13)? * 3600 + field(14..16)? * 60 + field(17..19)?;
    let rest = text
        .get(19..)?
        .trim_start_matches(|c: char| c == '.' || c.is_ascii_digit());
    let east = offset(rest.trim_start()).or(zone)?;
    (day.begin() + seconds)
        .checked_add_signed(-east)
        .map(Duration::from_secs)
}

/// The zone at the start of a text: `z`, `utc`, `+0800`, `-05:00`; seconds east of Greenwich.
fn offset(text: &str) -> Option<i64> {
    let lower = text.to_lowercase();
    if lower.starts_with('z') || lower.starts_with("utc") || lower.starts_with("gmt") {
        return Some(0);
    }
    let sign = match lower.chars().next()? {
        '+' => 1,
        '-' => -1,
        _ => return None,
    };
    let digits: String = lower.chars().skip(1).filter(|c| *c != ':').take(4).collect();
    let number: i64 = digits.parse().ok().filter(|_| digits.len() == 4)?;
    Some(sign * (number / 100 * 3600 + number % 100 * 60))
}

/// A wait in words, as exact as is of use: `50ms`, `45s`, `12m`, `3h 12m`, `5d 10h`.
pub fn shown(wait: Duration) -> String {
    let seconds = wait.as_secs();
    let (days, hours, minutes) = (seconds / 86_400, seconds / 3600 % 24, seconds / 60 % 60);
    match (days, hours, minutes) {
        (0, 0, 0) if seconds == 0 && !wait.is_zero() => format!("{}ms", wait.as_millis()),
        (0, 0, 0) => format!("{seconds}s"),
        (0, 0, minutes) => format!("{minutes}m"),
        (0, hours, minutes) => format!("{hours}h {minutes}m"),
        (days, hours, _) => format!("{days}d {hours}h"),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    /// 2026-09-09 00:00:00 UTC.
    fn now() -> SystemTime {
        SystemTime::UNIX_EPOCH + Duration::from_secs(1_788_912_000)
    }

    fn wait(who: Codes, said: &Value) -> Option<f64> {
        by_words(who, &Complaint::of_value(said), now()).map(|wait| wait.as_secs_f64())
    }

    #[test]
    fn durations_are_read_in_every_spelling() {
        for (words, seconds) in [
            (
                "Rate limit reached … Please try again in 7m12.48s. Need more tokens?",
                432.48,
            ),
            ("Please try again in 6ms.", 0.006),
            (
                "Your account request reached max RPM, please try again after 1 seconds",
                1.0,
            ),
            ("Please retry after 26 seconds.", 26.0),
            (
                "weekly usage limit reached. It will reset in 5 days 10 hours. To continue",
                468_000.0,
            ),
            ("Your quota will reset after 161h39m41s.", 581_981.0),
            ("5-hour usage limit reached. Resets in 2 hours 5 min", 7500.0),
        ] {
            assert_eq!(
                wait(Codes::Plain, &json!({"error": {"message": words}})),
                Some(seconds),
                "{words}"
            );
        }
    }

    #[test]
    fn times_are_read_with_their_zone() {
        for (who, words, seconds) in [
            (
                Codes::Glm,
                "Your limit will reset at 2026-09-09 13:38:28",
                Some(20_308.0),
            ),
            (
                Codes::Glm,
                "已达到 5 小时的使用上限。您的限额将在 2026-09-10 08:00:00 重置。",
                Some(86_400.0),
            ),
            (
                Codes::Minimax,
                "limit reached, resets at 2026-09-09T15:00:00Z (2056)",
                Some(54_000.0),
            ),
            (
                Codes::Plain,
                "It will reset at 2026-09-09 08:00:30 +0800 CST.",
                Some(30.0),
            ),
            (Codes::Plain, "It will reset at 2026-09-08 19:30:00-05:00", Some(1800.0)),
            (Codes::Plain, "reset at 2026-09-01T00:00:00Z", None),
            // Nobody knows whose noon this is.
            (Codes::Plain, "Your limit will reset at 2026-09-09 12:00:00", None),
            (Codes::Glm, "Your limit will reset at noon", None),
            (Codes::Glm, "Your limit will reset at 3026-09-09 12:00:00", None),
            (Codes::Plain, "Please retry after a brief wait.", None),
            (Codes::Plain, "429 of 30 in 2026-09-09", None),
        ] {
            assert_eq!(wait(who, &json!({"message": words})), seconds, "{words}");
        }
    }

    #[test]
    fn fields_say_it_without_words() {
        let reset = 1_788_912_060_000_u64;
        for (error, seconds) in [
            (json!({"error": {"details": [{"retryDelay": "32.5s"}]}}), 32.5),
            (json!({"error": {"resets_in_seconds": 602}}), 602.0),
            (json!({"error": {"resets_at": 1_788_912_007}}), 7.0),
            (
                json!({"error": {"metadata": {"headers": {"X-RateLimit-Reset": reset.to_string()}}}}),
                60.0,
            ),
            (json!({"error": {"resets_at": "2026-09-09T00:01:00Z"}}), 60.0),
        ] {
            assert_eq!(wait(Codes::Plain, &error), Some(seconds), "{error}");
        }
    }

    #[test]
    fn a_wait_is_told_as_exactly_as_is_of_use() {
        for (seconds, words) in [
            (0, "0s"),
            (59, "59s"),
            (720, "12m"),
            (11_520, "3h 12m"),
            (468_000, "5d 10h"),
        ] {
            assert_eq!(shown(Duration::from_secs(seconds)), words);
        }
    }

    #[test]
    fn retry_after_is_read_in_every_form() {
        let now = SystemTime::UNIX_EPOCH + Duration::from_secs(784_111_770);
        let read = |name: &'static str, value: &'static str| {
            let headers = HeaderMap::from_iter([(name.parse().unwrap(), value.parse().unwrap())]);
            by_headers(&headers, now).map(|wait| wait.as_millis())
        };
        assert_eq!(read("retry-after", "3"), Some(3000));
        assert_eq!(read("retry-after", "1.5"), Some(1500));
        assert_eq!(read("retry-after-ms", "250"), Some(250));
        assert_eq!(read("retry-after", "Sun, 06 Nov 1994 08:49:37 GMT"), Some(7000));
        assert_eq!(read("retry-after", "Sun, 06 Nov 1994 08:49:00 GMT"), Some(0));
        assert_eq!(read("retry-after", "soon"), None);
        assert_eq!(read("retry-after", "-1"), None);
        assert_eq!(read("retry-after", "1e300"), None);
    }

    #[test]
    fn headers_of_limits_are_read_in_every_spelling() {
        let read = |headers: &[(&'static str, &'static str)]| {
            let headers = headers.iter();
            let headers =
                HeaderMap::from_iter(headers.map(|(name, value)| (name.parse().unwrap(), value.parse().unwrap())));
            by_limits(&headers, now()).map(|wait| wait.as_millis())
        };
        // OpenAI's and Groq's: the tokens are used up, the requests are not.
        assert_eq!(
            read(&[
                ("x-ratelimit-remaining-requests", "14370"),
                ("x-ratelimit-reset-requests", "2m59.56s"),
                ("x-ratelimit-remaining-tokens", "0"),
                ("x-ratelimit-reset-tokens", "7.66s"),
            ]),
            Some(7660)
        );
        // Cerebras's: seconds, a day and a minute.
        assert_eq!(
            read(&[
                ("x-ratelimit-remaining-requests-day", "0"),
                ("x-ratelimit-reset-requests-day", "33011.382"),
                ("x-ratelimit-remaining-tokens-minute", "0"),
                ("x-ratelimit-reset-tokens-minute", "11.5"),
            ]),
            Some(33_011_382)
        );
        // Anthropic's: times.
        assert_eq!(
            read(&[
                ("anthropic-ratelimit-input-tokens-remaining", "0"),
                ("anthropic-ratelimit-input-tokens-reset", "2026-09-09T00:00:12Z"),
                ("anthropic-ratelimit-requests-remaining", "49"),
                ("anthropic-ratelimit-requests-reset", "2026-09-09T00:01:00Z"),
            ]),
            Some(12_000)
        );
        // OpenRouter's: milliseconds since 1970; GitHub's: seconds.
        assert_eq!(
            read(&[("x-ratelimit-remaining", "0"), ("x-ratelimit-reset", "1788912060000")]),
            Some(60_000)
        );
        assert_eq!(read(&[("x-ratelimit-reset", "1788912003")]), Some(3000));
        // The drafts'.
        assert_eq!(
            read(&[("ratelimit-reset", "12"), ("ratelimit-remaining", "0")]),
            Some(12_000)
        );
        assert_eq!(read(&[("ratelimit", "\"default\";r=0;t=30")]), Some(30_000));
        assert_eq!(read(&[("ratelimit", "limit=9, remaining=0, reset=31")]), Some(31_000));
        // Of two that do not say what remains, the nearer costs least if it is the wrong one.
        assert_eq!(
            read(&[("x-ratelimit-reset-requests", "1s"), ("x-ratelimit-reset-tokens", "1h")]),
            Some(1000)
        );
        for (name, value) in [
            ("x-ratelimit-reset", "soon"),
            ("x-ratelimit-reset", "1e300"),
            ("x-ratelimit-limit-requests", "30"),
            ("ratelimit", "\"default\";r=5;t=30"),
        ] {
            assert_eq!(read(&[(name, value)]), None, "{name}: {value}");
        }
    }

    #[test]
    fn a_header_that_is_further_away_than_any_limit_is_not_believed() {
        for (name, value) in [
            ("retry-after", "1788912060"),
            ("retry-after-ms", "1788912060000"),
            ("retry-after", "Sun, 09 Sep 3026 00:00:00 GMT"),
        ] {
            let headers = HeaderMap::from_iter([(name.parse().unwrap(), value.parse().unwrap())]);
            assert_eq!(by_headers(&headers, now()), None, "{name}: {value}");
        }
    }
}

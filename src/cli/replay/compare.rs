//! The first difference between what was recorded and what is done today.

use std::fmt;

use serde_json::Value;

use crate::plain;
use crate::record::Exchange;

use super::today::Again;

/// So much of a value is shown.
const SHOWN: usize = 200;

/// So much of it is shown before the first letter that differs.
const BEFORE: usize = 40;

/// What differs first in a turn.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Difference {
    place: String,
    recorded: String,
    today: String,
}

impl fmt::Display for Difference {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { place, recorded, today } = self;
        write!(formatter, "{place}\n  recorded: {recorded}\n  today:    {today}")
    }
}

/// The first difference: of what is sent, then of what is told. What was recorded to no end is compared as far as it
/// goes.
pub(super) fn difference(exchange: &Exchange, again: &Again) -> Option<Difference> {
    let is_whole = exchange.told.as_ref().is_some_and(|told| told.is_whole);
    for (number, attempt) in exchange.attempts.iter().enumerate() {
        let place = format!("request {} to the provider", number + 1);
        match again.sent.get(number) {
            Some(sent) if *attempt.sent == **sent => {}
            Some(sent) => return Some(of_bodies(&place, &attempt.sent, sent)),
            None if is_whole => return Some(different(&place, "was sent", "is not sent")),
            None => return None,
        }
    }
    if again.sent.len() > exchange.attempts.len() && is_whole {
        let place = format!("request {} to the provider", exchange.attempts.len() + 1);
        return Some(different(&place, "was not sent", "is sent"));
    }
    let told = exchange.told.as_ref()?;
    if told.status != again.status {
        return Some(different(
            "the status",
            &told.status.to_string(),
            &again.status.to_string(),
        ));
    }
    let (recorded, today) = (normal(&told.body), normal(&again.told));
    of_events(&events(&recorded), &events(&today), told.is_whole)
}

fn different(place: &str, recorded: &str, today: &str) -> Difference {
    let [recorded, today] = [recorded, today].map(|text| plain::text(text).replace('\n', " "));
    let letters = recorded.chars().zip(today.chars());
    let same = letters.take_while(|(was, is)| was == is).count();
    Difference {
        place: place.to_owned(),
        recorded: shown(&recorded, same),
        today: shown(&today, same),
    }
}

/// Of two bodies that are not the same.
fn of_bodies(place: &str, recorded: &[u8], today: &[u8]) -> Difference {
    let values = (serde_json::from_slice(recorded), serde_json::from_slice(today));
    if let (Ok(recorded), Ok(today)) = values
        && let Some((pointer, recorded, today)) = of_values(&recorded, &today, String::new())
    {
        return different(&format!("{place} differs at `{pointer}`"), &recorded, &today);
    }
    let (recorded, today) = (String::from_utf8_lossy(recorded), String::from_utf8_lossy(today));
    different(
        &format!("{place} differs in the order or the form of its fields"),
        &recorded,
        &today,
    )
}

/// Of two lists of events.
fn of_events(recorded: &[Event], today: &[Event], is_whole: bool) -> Option<Difference> {
    for (number, (was, is)) in recorded.iter().zip(today).enumerate() {
        if !is_whole && number + 1 == recorded.len() && was.is_begin_of(is) {
            return None;
        }
        let place = format!("event {} (`{}`)", number + 1, was.name);
        if was.name != is.name {
            return Some(different(&place, &was.name, &is.name));
        }
        if let Some((pointer, was, is)) = of_values(&was.fields, &is.fields, String::new()) {
            return Some(different(&format!("{place} differs at `{pointer}`"), &was, &is));
        }
    }
    let number = recorded.len().min(today.len());
    let place = format!("event {}", number + 1);
    match (recorded.get(number), today.get(number)) {
        (Some(was), None) => Some(different(&place, &was.name, "is not told")),
        (None, Some(is)) if is_whole => Some(different(&place, "was not told", &is.name)),
        _ => None,
    }
}

/// The place of the first difference, as a JSON pointer, and both values there.
fn of_values(recorded: &Value, today: &Value, pointer: String) -> Option<(String, String, String)> {
    match (recorded, today) {
        (Value::Object(was), Value::Object(is)) => {
            let names = was.keys().chain(is.keys().filter(|name| !was.contains_key(*name)));
            names
                .map(|name| (name, was.get(name), is.get(name)))
                .find_map(|(name, was, is)| of_parts(was, is, format!("{pointer}/{name}")))
        }
        (Value::Array(was), Value::Array(is)) => (0..was.len().max(is.len()))
            .find_map(|place| of_parts(was.get(place), is.get(place), format!("{pointer}/{place}"))),
        _ if recorded == today => None,
        _ => Some((pointer, recorded.to_string(), today.to_string())),
    }
}

fn of_parts(was: Option<&Value>, is: Option<&Value>, pointer: String) -> Option<(String, String, String)> {
    match (was, is) {
        (Some(was), Some(is)) => of_values(was, is, pointer),
        (Some(was), None) => Some((pointer, was.to_string(), "is missing".to_owned())),
        (None, Some(is)) => Some((pointer, "was missing".to_owned(), is.to_string())),
        (None, None) => None,
    }
}

/// One event, or a whole body.
#[derive(Debug)]
struct Event {
    name: String,
    fields: Value,
}

impl Event {
    /// Adds what `next` says, if it only goes on with the same text; whether it does.
    fn join(&mut self, next: &Self) -> bool {
        if self.text().is_none() || !self.is_beside(next) {
            return false;
        }
        match (self.fields.get_mut("delta"), next.text()) {
            (Some(Value::String(text)), Some(next)) => text.push_str(next),
            _ => return false,
        }
        true
    }

    /// Whether `whole` says the same, and perhaps more.
    fn is_begin_of(&self, whole: &Self) -> bool {
        let texts = self.text().zip(whole.text());
        texts.is_some_and(|(text, whole)| whole.starts_with(text)) && self.is_beside(whole)
    }

    /// Whether nothing but the text differs.
    fn is_beside(&self, other: &Self) -> bool {
        let (Value::Object(was), Value::Object(is)) = (&self.fields, &other.fields) else {
            return false;
        };
        let mut fields = was.iter().filter(|(name, _)| *name != "delta");
        was.len() == is.len() && fields.all(|(name, value)| is.get(name) == Some(value))
    }

    fn text(&self) -> Option<&str> {
        let text = self.fields.get("delta").and_then(Value::as_str);
        text.filter(|_| self.name.ends_with(".delta"))
    }
}

/// What was told: events, or one body. Signs of life come when they come, and are left out; how many pieces of a text
/// are told at once depends on how many came at once, so that they are joined.
fn events(text: &str) -> Vec<Event> {
    let lines = text.lines().filter_map(|line| line.strip_prefix("data:"));
    let values: Vec<Value> = lines.filter_map(|data| serde_json::from_str(data).ok()).collect();
    if values.is_empty() {
        let fields = serde_json::from_str(text).unwrap_or_else(|_| Value::String(text.to_owned()));
        let name = "the whole answer".to_owned();
        return vec![Event {
            name,
            fields: timeless(fields),
        }];
    }
    let named = values.into_iter().map(|value| Event {
        name: value["type"].as_str().unwrap_or_default().to_owned(),
        fields: timeless(value),
    });
    let mut events: Vec<Event> = Vec::new();
    for event in named.filter(|event| event.name != "keepalive") {
        if !events.last_mut().is_some_and(|last| last.join(&event)) {
            events.push(event);
        }
    }
    events
}

/// Without what says when it was told, or how many were before it.
fn timeless(mut value: Value) -> Value {
    const TIMES: [&str; 3] = ["created_at", "completed_at", "sequence_number"];
    let response = value.get_mut("response").and_then(Value::as_object_mut);
    for fields in response.into_iter() {
        fields.retain(|name, _| !TIMES.contains(&name.as_str()));
    }
    if let Some(fields) = value.as_object_mut() {
        fields.retain(|name, _| !TIMES.contains(&name.as_str()));
    }
    value
}

/// What was told, with one name for its id: all ids of an answer are made of the moment at which it began.
fn normal(body: &[u8]) -> String {
    const BEFORE: &str = "\"resp_";
    let text = String::from_utf8_lossy(body);
    let stem = text.split_once(BEFORE).and_then(|(_, rest)| rest.split_once('"'));
    match stem {
        Some((stem, _)) if !stem.is_empty() => text.replace(stem, "ID"),
        _ => text.into_owned(),
    }
}

/// A line, of which so many letters at its beginning are not worth to be shown.
fn shown(line: &str, same: usize) -> String {
    let from = line.char_indices().nth(same.saturating_sub(BEFORE));
    let (mark, line) = match from {
        Some((from @ 1.., _)) => ("…", &line[from..]),
        _ => ("", line),
    };
    match line.char_indices().nth(SHOWN) {
        Some((end, _)) => format!("{mark}{}…", &line[..end]),
        None => format!("{mark}{line}"),
    }
}

#[cfg(test)]
mod tests {
    use crate::record::{Attempt, Told};

    use super::*;

    fn exchange(sent: &str, told: &str, is_whole: bool) -> Exchange {
        Exchange {
            number: 1,
            attempts: vec![Attempt {
                sent: sent.into(),
                ..Attempt::default()
            }],
            told: Some(Told {
                status: 200,
                body: told.into(),
                is_whole,
            }),
            ..Exchange::default()
        }
    }

    fn again(sent: &[&'static str], told: &str) -> Again {
        Again {
            sent: sent
                .iter()
                .map(|body| bytes::Bytes::from_static(body.as_bytes()))
                .collect(),
            status: 200,
            told: told.into(),
        }
    }

    const TOLD: &str = "data: {\"type\":\"response.created\",\"response\":{\"id\":\"resp_1a\",\"created_at\":1},\"sequence_number\":0}\n\n\
                        data: {\"type\":\"response.output_text.delta\",\"item_id\":\"msg_1a_0\",\"delta\":\"Hi\"}\n\n";

    #[test]
    fn times_ids_and_signs_of_life_make_no_difference() {
        let later = TOLD.replace("1a", "2b").replace("\"created_at\":1", "\"created_at\":2");
        let later = format!("data: {{\"type\":\"keepalive\"}}\n\n{later}");
        assert_eq!(difference(&exchange("{}", TOLD, true), &again(&["{}"], &later)), None);
    }

    #[test]
    fn the_first_event_that_differs_is_named_with_its_field() {
        let other = TOLD.replace("Hi", "Ho");
        let found = difference(&exchange("{}", TOLD, true), &again(&["{}"], &other)).unwrap();
        assert_eq!(
            found.to_string(),
            "event 2 (`response.output_text.delta`) differs at `/delta`\n  recorded: \"Hi\"\n  today:    \"Ho\""
        );
        let less = TOLD.split_inclusive("\n\n").next().unwrap();
        let found = difference(&exchange("{}", TOLD, true), &again(&["{}"], less)).unwrap();
        assert_eq!(found.place, "event 2");
        // Whoever hung up heard no more.
        assert_eq!(difference(&exchange("{}", less, false), &again(&["{}"], TOLD)), None);
        assert!(difference(&exchange("{}", less, true), &again(&["{}"], TOLD)).is_some());
    }

    #[test]
    fn in_how_many_pieces_a_text_is_told_makes_no_difference() {
        let delta = |item: &str, text: &str| {
            format!("data: {{\"type\":\"response.output_text.delta\",\"item_id\":\"{item}\",\"delta\":\"{text}\"}}\n\n")
        };
        let two = delta("a", "one ") + "data: {\"type\":\"keepalive\"}\n\n" + &delta("a", "two");
        let one = delta("a", "one two");
        assert_eq!(difference(&exchange("{}", &two, true), &again(&["{}"], &one)), None);
        assert_eq!(difference(&exchange("{}", &one, true), &again(&["{}"], &two)), None);
        let elsewhere = delta("a", "one ") + &delta("b", "two");
        assert!(difference(&exchange("{}", &one, true), &again(&["{}"], &elsewhere)).is_some());
        // Whoever hung up heard the beginning of a piece.
        let begin = delta("a", "one");
        assert_eq!(difference(&exchange("{}", &begin, false), &again(&["{}"], &two)), None);
        assert!(difference(&exchange("{}", &begin, true), &again(&["{}"], &two)).is_some());
        assert!(difference(&exchange("{}", &delta("a", "on!"), false), &again(&["{}"], &two)).is_some());
    }

    #[test]
    fn of_a_long_text_that_is_shown_which_differs() {
        let told = |end: &str| {
            let text = "word ".repeat(100) + end;
            format!("data: {{\"type\":\"response.output_text.delta\",\"delta\":\"{text}\"}}\n\n")
        };
        let found = difference(&exchange("{}", &told("Hi"), true), &again(&["{}"], &told("Ho"))).unwrap();
        assert!(
            found.recorded.starts_with('…') && found.recorded.ends_with("word Hi\""),
            "{found}"
        );
        assert!(found.today.ends_with("word Ho\""), "{found}");
    }

    #[test]
    fn what_is_sent_otherwise_is_told_first() {
        let told = |was: &str, is: &'static str| {
            let found = difference(&exchange(was, TOLD, true), &again(&[is], ""));
            found.unwrap().place
        };
        assert_eq!(
            told(
                r#"{"messages":[{"role":"user"}]}"#,
                r#"{"messages":[{"role":"system"}]}"#
            ),
            "request 1 to the provider differs at `/messages/0/role`"
        );
        assert_eq!(
            told(r#"{"a":1,"b":2}"#, r#"{"b":2,"a":1}"#),
            "request 1 to the provider differs in the order or the form of its fields"
        );
        let found = difference(&exchange("{}", TOLD, true), &again(&["{}", "{}"], TOLD)).unwrap();
        assert_eq!(
            found.to_string(),
            "request 2 to the provider\n  recorded: was not sent\n  today:    is sent"
        );
    }
}

use proptest::prelude::*;
use serde::de::IgnoredAny;
use serde_json::Value;
use serde_json::value::RawValue;

use super::*;
use crate::wire::lenient;

#[derive(Debug, Default, PartialEq, Deserialize)]
#[serde(default)]
struct Fields<'a> {
    #[serde(borrow)]
    text: Cow<'a, str>,
    #[serde(deserialize_with = "lenient::option")]
    number: Option<f64>,
    list: Vec<i8>,
    inner: Option<Box<Fields<'a>>>,
}

#[test]
fn every_shape_is_read() {
    let read: Fields<'_> = from_str(
        " {\"text\" :\"a\\nb\",\r\n\t\"number\": -1.5e2, \"other\": [{}, [], {\"a\": [1, \"]\"]}], \"list\":[1 , -2],\
         \"inner\": {\"number\": null, \"text\": \"\\\"\"}}\n",
    )
    .unwrap();
    let expected = Fields {
        text: "a\nb".into(),
        number: Some(-150.0),
        list: vec![1, -2],
        inner: Some(Box::new(Fields {
            text: "\"".into(),
            ..Fields::default()
        })),
    };
    assert_eq!(read, expected);
}

#[test]
fn what_no_machine_holds_costs_nothing_else() {
    let read: Fields<'_> = from_str(r#"{"number": 1e400, "text": "a\ud800b", "list": [1]}"#).unwrap();
    let expected = Fields {
        text: "a\u{fffd}b".into(),
        list: vec![1],
        ..Fields::default()
    };
    assert_eq!(read, expected);
    let deep = format!(
        r#"{{"other": {}1{}, "list": [1]}}"#,
        "[".repeat(10_000),
        "]".repeat(10_000)
    );
    assert_eq!(from_str::<Fields<'_>>(&deep).unwrap().list, [1]);
    let deep = format!("{}{}", "[".repeat(129), "]".repeat(129));
    assert!(from_str::<Value>(&deep).is_err());
    assert!(from_str::<Value>(&deep[1..257]).is_ok());
}

#[test]
fn a_text_without_escapes_and_a_raw_value_stay_where_they_are() {
    let json = r#"{"text": "plain é", "raw": [ "a\n", {"b" :1}] }"#;
    #[derive(Deserialize)]
    struct Lent<'a> {
        text: &'a str,
        #[serde(borrow)]
        raw: &'a RawValue,
    }
    let lent: Lent<'_> = from_str(json).unwrap();
    assert_eq!((lent.text, lent.raw.get()), ("plain é", r#"[ "a\n", {"b" :1}]"#));
}

#[test]
fn an_error_says_where_it_is() {
    for (json, words) in [
        ("", "expected a value at byte 0"),
        ("{\"a\" 1}", "expected `:` at byte 5"),
        ("[1 2]", "expected `,` at byte 3"),
        ("[1,]", "expected a value at byte 3"),
        ("{\"a\":1,}", "expected the name of a field at byte 7"),
        ("\"a", "it ends in a text at byte 0"),
        ("\"a\n\"", "a text has a control character at byte 0"),
        ("\"\\x\"", "a text has an odd escape at byte 0"),
        ("1 2", "something follows its end at byte 2"),
    ] {
        assert_eq!(from_str::<Value>(json).unwrap_err().to_string(), words, "{json}");
        assert_eq!(from_str::<IgnoredAny>(json).unwrap_err().to_string(), words, "{json}");
    }
    assert!(from_slice::<Value>(b"\"\xff\"").is_err());
}

fn value() -> impl Strategy<Value = Value> {
    let text = || r#"[a-c"\\é😀\n\u{1}/ ]{0,20}"#;
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<u64>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        text().prop_map(Value::from),
    ];
    leaf.prop_recursive(4, 32, 5, move |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..5).prop_map(Value::from),
            prop::collection::btree_map(text(), inner, 0..5).prop_map(|fields| fields.into_iter().collect()),
        ]
    })
}

/// Whether it is read as JSON, and the same is read of it as by `serde_json`.
fn agrees(json: &str) -> bool {
    let theirs = serde_json::from_str::<Value>(json).ok();
    let ours = from_str::<Value>(json).ok();
    ours == theirs && from_str::<IgnoredAny>(json).is_ok() == theirs.is_some()
}

proptest! {
    #[test]
    fn every_value_is_read_as_by_serde_json(value in value()) {
        prop_assert!(agrees(&value.to_string()));
        prop_assert!(agrees(&serde_json::to_string_pretty(&value).unwrap()));
    }

    #[test]
    fn what_is_no_json_is_refused_as_by_serde_json(value in value(), place in any::<prop::sample::Index>(), put in r#"[\[\]{}",:0-9.eE+\-\\truefalsn ]{0,2}"#) {
        let whole = value.to_string();
        let mut places = whole.char_indices().map(|(at, _)| at).collect::<Vec<_>>();
        places.push(whole.len());
        let at = *place.get(&places);
        let taken = whole[at..].chars().next().map_or(0, char::len_utf8);
        let changed = format!("{}{put}{}", &whole[..at], &whole[at + taken..]);
        // Halves of characters and numbers that no machine holds are told apart elsewhere.
        let is_special = serde_json::from_str::<Value>(&changed).is_err_and(|error| {
            let error = error.to_string();
            error.contains("surrogate") || error.contains("out of range") || error.contains("unexpected end of hex escape")
        });
        prop_assert!(is_special || agrees(&changed), "{}", changed);
    }

    #[test]
    fn a_text_is_passed_over_however_its_escapes_stand(text in r#"([ab"\\\n\té]|😀){0,40}"#) {
        let json = Value::from(text.clone()).to_string();
        prop_assert_eq!(from_str::<String>(&json).unwrap(), text);
        let listed = format!("[{json} , {json}]");
        let raw: Vec<&RawValue> = from_str(&listed).unwrap();
        prop_assert!(raw.iter().all(|raw| raw.get() == json));
    }
}

//! Ordinary words are never changed, and never held back longer than a mark is long.

use crelay::provider::dialect::Grammars;
use crelay::translate::heal::{Found, Healer};
use proptest::prelude::*;

use super::{Healed, heal, healing};

/// The longest mark is shorter.
const LONGEST_MARK: usize = 64;

fn everything() -> Grammars {
    Grammars::default()
}

/// Text of all sorts without a mark in it: pieces that marks are made of come, but no whole one.
fn words() -> impl Strategy<Value = String> {
    let piece = prop_oneof![
        4 => "[a-zA-Z0-9 .,;:!?\n\t—é😀｜▁]{0,20}",
        1 => "[<>|\\[\\]{}`~\"'=/\\\\()*#]{1,4}",
        1 => prop_oneof![
            Just("```rust\nfn main() {}\n```\n"),
            Just("<tool"),
            Just("<|tool_"),
            Just("</think "),
            Just("<｜"),
            Just("[TOOL_"),
            Just("[link](https://a.example)"),
            Just("{\"a\": [1, 2]}"),
            Just("a < b && c > d"),
            Just("<div class=\"invoke\">\n</div>\n"),
            Just("Vec<String>"),
            Just("\r\n\r\n"),
            Just("~~~\n"),
        ]
        .prop_map(str::to_owned),
    ];
    proptest::collection::vec(piece, 0..20).prop_map(|pieces| pieces.concat())
}

fn pieces(text: &str, sizes: &[usize]) -> Vec<String> {
    let mut characters = text.chars().peekable();
    let mut sizes = sizes.iter().copied().cycle();
    let mut pieces = Vec::new();
    while characters.peek().is_some() {
        let size = sizes.next().unwrap_or(1);
        pieces.push(characters.by_ref().take(size).collect());
    }
    pieces
}

proptest! {
    #![proptest_config(crate::laws::cases(600))]

    #[test]
    fn words_without_marks_stay_as_they_are(text in words(), sizes in proptest::collection::vec(1_usize..12, 1..6)) {
        let pieces = pieces(&text, &sizes);
        let mut healer = Healer::new(healing(everything()));
        let mut told = 0;
        let mut said = 0;
        let mut found = Vec::new();
        for piece in &pieces {
            said += piece.len();
            healer.push(piece.clone(), &mut found);
            let lengths = found.drain(..).map(|found| match found {
                Found::Text(text) => text.len(),
                other => panic!("{other:?} in {text:?}"),
            });
            told += lengths.sum::<usize>();
            prop_assert!(said - told <= LONGEST_MARK, "{} bytes are held of {:?}", said - told, &text);
        }
        let words = Healed { text: text.clone(), ..Healed::default() };
        prop_assert_eq!(heal(&everything(), pieces.iter().map(String::as_str)), words);
    }

    #[test]
    fn any_text_comes_out_alike_however_it_is_cut(text in marked(), sizes in proptest::collection::vec(1_usize..12, 1..6)) {
        let pieces = pieces(&text, &sizes);
        let whole = heal(&everything(), [text.as_str()]);
        prop_assert_eq!(heal(&everything(), pieces.iter().map(String::as_str)), whole);
    }
}

/// Text with marks and pieces of calls anywhere.
fn marked() -> impl Strategy<Value = String> {
    let mark = prop_oneof![
        Just("<tool_call>"),
        Just("</tool_call>"),
        Just("<think>"),
        Just("</think>"),
        Just("exec_command"),
        Just("<function=exec_command>\n"),
        Just("<parameter=cmd>ls</parameter>"),
        Just("</function>"),
        Just("{\"name\": \"exec_command\", \"arguments\": {\"cmd\": \"ls\"}}"),
        Just("<｜DSML｜invoke name=\"exec_command\">"),
        Just("<｜DSML｜parameter name=\"cmd\" string=\"true\">"),
        Just("</｜DSML｜parameter>"),
        Just("</｜DSML｜invoke>"),
        Just("<|tool_call_begin|>functions.exec_command:0<|tool_call_argument_begin|>"),
        Just("{\"cmd\": \"ls\"}"),
        Just("<|tool_call_end|>"),
        Just("<|channel|>analysis<|message|>"),
        Just("<|end|>"),
        Just("[TOOL_CALLS]exec_command[ARGS]"),
        Just("<arg_key>cmd</arg_key><arg_value>ls</arg_value>"),
        Just("]<]minimax[>[<invoke name=\"exec_command\">"),
        Just("]<]minimax[>[</invoke>"),
        Just("`"),
        Just("```"),
        Just("\n"),
        Just("\n\n"),
        Just(" "),
        Just("words"),
        Just("<"),
    ];
    proptest::collection::vec(mark, 0..16).prop_map(|marks| marks.concat())
}

//! In which respects providers differ, as far as the mock checks them: plain data, taken from the vendors' pages, from
//! recordings and from error messages, and not from crelay's own table: a mistake there must not excuse itself here.
//!
//! [`east`], [`neighbours`], [`west`], [`hosts`] and [`local`] hold one stanza for each provider, with only what
//! differs from the one that it is like; [`families`] what a model needs wherever it is served; `models.txt` what
//! single models can; [`words`] what is said when something is refused. All read on 2026-11-21. A line with `memory`
//! rests on nobody's page.

mod east;
pub mod families;
mod hosts;
mod local;
mod models;
mod neighbours;
mod voice;
mod west;
pub mod words;

pub use voice::{Arguments, Spent, Thinks, Usage, Voice};
use words::{ENVELOPE, Said};

/// One provider's rules for one model.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Rules {
    /// As crelay's `--provider` spells it; `None` for an endpoint that is given by its address alone.
    pub name: Option<&'static str>,
    /// The variable that crelay reads the key from.
    pub key_variable: &'static str,
    /// Where the provider is, without a slash at the end.
    pub address: &'static str,
    /// The model that the mock serves.
    pub model: &'static str,

    /// Which fields a request may have beside those that every request has and those of the other rules.
    pub fields: &'static [&'static str],
    /// How reasoning may be asked for.
    pub knobs: &'static [Knob],
    /// Fields of which a request may have only one.
    pub either: &'static [(&'static str, &'static str)],
    /// What an effort may be.
    pub efforts: &'static [&'static str],
    /// Whether the model can be told not to think.
    pub off: bool,
    /// Values of `tool_choice`; `function` stands for a named one.
    pub tool_choices: &'static [&'static str],
    /// Types of `response_format`.
    pub formats: &'static [&'static str],
    /// Names of the limit of an answer.
    pub limits: &'static [&'static str],
    /// The highest limit that is taken.
    pub most: u64,
    /// Whether `stream_options` is known.
    pub stream_options: bool,
    /// Headers that must come, the same throughout a conversation.
    pub headers: &'static [&'static str],
    /// How a search on the web is asked for.
    pub search: Search,

    /// Where instructions may stand.
    pub system: System,
    /// What an assistant message without words has for its content.
    pub silence: Silence,
    /// How the model's thoughts come back.
    pub replay: Replay,
    /// Whether a tool message may or must have the tool's name.
    pub tool_name: ToolName,
    /// Whether a user message may follow a tool message.
    pub user_after_tool: bool,
    /// Whether the model sees images.
    pub vision: bool,
    /// Whether the resolution of an image may be named.
    pub detail: bool,

    /// Which JSON schemas tools may have.
    pub schema: Schema,
    /// Whether `strict` of a function is known.
    pub strict: Strict,
    /// Most tools of a request.
    pub tools: usize,
    /// How calls are numbered.
    pub ids: Ids,

    /// How the answer travels.
    pub voice: Voice,
    /// The body of a refusal, with places for `{status}`, `{code}` and `{message}`.
    pub envelope: &'static str,
    /// What it says of single mistakes, before [`words::COMMON`].
    pub says: Said,
    /// Whose words in `troubles.txt` it uses when the request is not to blame.
    pub speaks_like: &'static str,
}

/// A field that asks for reasoning, `name` or `name.member`, and what it may be.
pub type Knob = (&'static str, Values);

#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Values {
    /// [`Rules::efforts`].
    Efforts,
    /// The same, but nobody has seen that they do anything.
    MaybeEfforts,
    /// The same, or `none` where the model can be told not to think.
    EffortsOrNone,
    /// One of these.
    Words(&'static [&'static str]),
    /// True or false.
    Flag,
    /// A number.
    Number,
}

#[derive(Debug, Clone, Copy, PartialEq)]
pub enum System {
    /// One, and first.
    Leading,
    /// Any number, anywhere.
    Anywhere,
    /// The same, and `developer` is known.
    Developer,
}

#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Silence {
    /// `""`, or `null`, or nothing.
    Any,
    /// `""`.
    Text,
    /// Nothing; a member that is `null` is refused.
    Absent,
}

/// What the model thought, in the next request.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Replay {
    /// There is no field for it.
    Unknown,
    /// In this field or not at all.
    Allowed(&'static str),
    /// In this field of every message that calls, if it thought anything; a blank is no thought.
    Kept(&'static str),
    /// In this field of every message that calls, empty if it thought nothing.
    WithCalls(&'static str),
    /// In this field of every message that the model said.
    Everywhere(&'static str),
    /// In `reasoning_details`, as they were.
    Details,
    /// The same, and the field beside them on every message that the model said.
    DetailsAnd(&'static str),
    /// A `thinking` part of the content, taken back in the same place or not at all.
    Part,
    /// `extra_content` of the calls that had one.
    Signature,
    /// In `reasoning_details`, in `reasoning_content`, or between `<think>` tags in the content; anywhere, but whole.
    Somewhere,
}

#[derive(Debug, Clone, Copy, PartialEq)]
pub enum ToolName {
    Unknown,
    Wanted,
}

#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Strict {
    /// Refused.
    Unknown,
    /// Taken.
    Known,
    /// Taken if all tools have it, and then every object is closed.
    AllOrNone,
}

#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Search {
    /// There is none.
    None,
    /// A tool of this type, with these members.
    Tool(&'static str, &'static [&'static str]),
    /// A function of the provider's own.
    Builtin(&'static str),
    /// Fields of the request, the first of which must be there.
    Fields(&'static [&'static str]),
}

#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Schema {
    /// Any whose root is an object and whose subschemas are objects.
    Plain,
    /// Moonshot's flavour.
    Moonshot,
    /// Gemini's subset of OpenAPI.
    Gemini,
    /// No references, no `$id`, no closed objects.
    Mistral,
    /// No union at the root.
    Xai,
}

#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Ids {
    /// `call_00_…`.
    Plain,
    /// Nine letters and digits.
    Nine,
    /// `functions.name:0`.
    Named,
}

/// One provider.
pub struct Vendor {
    /// Its id in the facts; crelay's row answers to it.
    pub id: &'static str,
    /// Whose models in `models.txt` it serves.
    models: &'static str,
    pub rules: Rules,
    /// What differs for models with such a name, `*` standing for any text; all that match count, in this order.
    pub families: &'static [Family],
}

/// A name with `*` in it, and what holds for the models that have such a name.
pub type Family = (&'static str, fn(Rules) -> Rules);

/// What nobody has said otherwise: only what every server that was seen takes.
pub const NOTHING: Rules = Rules {
    name: None,
    key_variable: "",
    address: "",
    model: "my-model",
    fields: &[],
    knobs: &[],
    either: &[],
    efforts: &[],
    off: false,
    tool_choices: &["none", "required"],
    formats: &["text", "json_object"],
    limits: &["max_tokens"],
    most: u64::MAX,
    stream_options: true,
    headers: &[],
    search: Search::None,
    system: System::Leading,
    silence: Silence::Any,
    replay: Replay::Unknown,
    tool_name: ToolName::Unknown,
    user_after_tool: true,
    vision: false,
    detail: false,
    schema: Schema::Plain,
    strict: Strict::Unknown,
    tools: 128,
    ids: Ids::Plain,
    voice: Voice::COMMON,
    envelope: ENVELOPE,
    says: &[],
    speaks_like: "",
};

/// What OpenAI's reference names and others may take.
const SAMPLING: &[&str] = &["temperature", "top_p", "stop"];

impl Vendor {
    const fn new(id: &'static str, rules: Rules, families: &'static [Family]) -> Self {
        Self {
            id,
            models: id,
            rules,
            families,
        }
    }

    /// A region or a plan serves the models of its provider.
    const fn serving(self, models: &'static str) -> Self {
        Self { models, ..self }
    }
}

impl Rules {
    pub const DEEPSEEK: Self = east::DEEPSEEK;
    /// The smaller model: it sees images, and nobody has seen it take instructions in the middle.
    pub const DEEPSEEK_FLASH: Self = Self {
        model: "deepseek-flash",
        system: System::Leading,
        vision: true,
        ..east::DEEPSEEK
    };
    pub const GENERIC: Self = local::GENERIC;
    pub const GEMINI: Self = west::GEMINI;
    pub const GLM: Self = east::ZAI;
    pub const KIMI: Self = east::MOONSHOT;
    pub const MISTRAL: Self = west::MISTRAL;
    pub const OPENROUTER: Self = hosts::OPENROUTER;

    /// What the provider that answers to `is_named` takes when it serves `model`; `None` if nobody does.
    pub fn of(is_named: impl Fn(&str) -> bool, model: &'static str) -> Option<Self> {
        let vendor = vendors().find(|vendor| is_named(vendor.id))?;
        let mut rules = Self {
            name: Some(vendor.id),
            model,
            ..vendor.rules
        };
        models::known(vendor.models, model, &mut rules);
        for (pattern, differ) in vendor.families {
            if matches(pattern, model) {
                rules = differ(rules);
            }
        }
        Some(rules)
    }
}

/// Everyone.
pub fn vendors() -> impl Iterator<Item = &'static Vendor> {
    east::VENDORS
        .iter()
        .chain(neighbours::VENDORS)
        .chain(west::VENDORS)
        .chain(hosts::VENDORS)
        .chain(local::VENDORS)
}

/// Whether `name` is like `pattern`, whatever the case of letters.
fn matches(pattern: &str, name: &str) -> bool {
    let name = name.to_lowercase();
    let mut pieces = pattern.split('*');
    let Some(mut rest) = name.strip_prefix(pieces.next().unwrap_or_default()) else {
        return false;
    };
    let Some(last) = pieces.next_back() else {
        return rest.is_empty();
    };
    for piece in pieces {
        match rest.split_once(piece) {
            Some((_, after)) => rest = after,
            None => return false,
        }
    }
    rest.ends_with(last)
}

use super::*;
use crate::provider::Price;
use crate::report::Report;

fn parse(text: &str) -> Result<Config, Error> {
    Config::parse(text, Path::new("config.toml"))
}

#[test]
fn everything_that_may_stand_there_is_understood() {
    let config = parse(
        r#"
        default_provider = "mycorp"
        codex = "/opt/codex"
        keep_env = ["DEEPSEEK_API_KEY"]
        allow_http = true
        web_search = true
        max_request_mib = 256
        max_cost = 2
        usage = false
        log = true

        [providers.mycorp]
        base_url = "https://llm.mycorp.example/v1"
        key_command = "pass show mycorp"
        dialect = "deepseek"
        model = "big"
        headers = { X-Team = "blue" }
        models."z-ai/big".price = { input = 1.4, output = 4 }
        "#,
    )
    .unwrap();
    assert_eq!(config.default_provider.as_deref(), Some("mycorp"));
    assert_eq!(config.codex.as_deref(), Some(Path::new("/opt/codex")));
    assert!(config.keep_env.keeps("DEEPSEEK_API_KEY") && !config.keep_env.keeps("OTHER"));
    assert!(config.allow_http);
    assert_eq!(config.web_search, Some(true));
    assert_eq!(config.max_request(), 256 << 20);
    assert_eq!(
        (config.max_cost, config.usage, config.log),
        (Some(2.0), Some(false), Some(true))
    );
    let entry = &config.providers["mycorp"];
    assert_eq!(entry.key_command.as_deref(), Some("pass show mycorp"));
    assert_eq!(entry.headers["X-Team"].expose(), "blue");
    let price = Price {
        input: 1.4,
        output: 4.0,
        cached: None,
    };
    assert_eq!(entry.facts()["z-ai/big"].price, Some(price));
    assert!(!format!("{config:?}").contains("blue"));
}

#[test]
fn nothing_is_a_configuration_too() {
    let config = parse("").unwrap();
    assert!(config.providers.is_empty() && !config.keep_env.keeps("ANY"));
    assert_eq!(config.max_request(), 64 << 20);
}

/// What the user reads of a configuration, without the name of the file.
fn told(text: &str) -> String {
    let report = Report::from(parse(text).unwrap_err()).to_string();
    let told = report.strip_prefix("error: config.toml:").unwrap();
    told.replace("\n\nhint: ", " | ")
}

fn expect(table: &[(&str, &str)]) {
    for (text, words) in table {
        assert_eq!(told(text), *words, "{text}");
    }
}

#[test]
fn a_key_that_is_none_is_told_with_the_one_that_was_meant() {
    expect(&[
        (
            "codex = \"c\"\ndefault_provder = \"x\"\n",
            "2:1: there is no setting `default_provder` | did you mean `default_provider`?",
        ),
        (
            "[providers.a]\n  key_comand = \"secret\"",
            "2:3: there is no setting `providers.a.key_comand` | did you mean `key_command`?",
        ),
        (
            "[providers.a]\nmodels.\"z-ai/glm\" = { price = { input = 1, outptu = 1 } }",
            "2:44: there is no setting `providers.a.models.\"z-ai/glm\".price.outptu` | did you mean `output`?",
        ),
        (
            "timeouts = { x = 1 }",
            "1:14: there is no setting `timeouts.x` | there are `connect`, `first`, `idle`, `total`",
        ),
        (
            "[providers.a]\nDEEPSEEK_API_KEY = \"sk-secret\"",
            "2:1: there is no setting `providers.a.DEEPSEEK_API_KEY` | keys do not belong here: `crelay auth set \
             PROVIDER` keeps one, `key_env` names the variable of another",
        ),
        (
            "sk-1234567890abcdef = 1",
            "1:1: there is no setting of that name, which looks like a key | keys do not belong here: `crelay auth set \
             PROVIDER` keeps one, `key_env` names the variable of another",
        ),
        (
            "[retry]\n\u{e4} = 1",
            "2:1: this is no TOML: invalid unquoted key, expected letters, numbers, `-`, `_`",
        ),
    ]);
    assert!(told("nobody = 1").contains("| there are `default_provider`, `also`, "));
}

#[test]
fn a_value_that_does_not_belong_is_told_with_what_does() {
    expect(&[
        (
            "[providers.a]\nbase_url = 3\n",
            "2:12: `providers.a.base_url` must be text in quotation marks, not a number",
        ),
        ("log = \"yes\"", "1:7: `log` must be `true` or `false`, not text"),
        (
            "codex = true",
            "1:9: `codex` must be text in quotation marks, not `true`",
        ),
        (
            "keep_env = 3",
            "1:12: `keep_env` must be `true`, `false` or a list of variables, not a number",
        ),
        (
            "keep_env = [\"A\",\n\"\u{e4}\", 3]",
            "2:6: `keep_env` must be text in quotation marks, not a number",
        ),
        (
            "heal = 3",
            "1:8: `heal` must be `true`, `false` or a table such as `{ dsml = false }`, not a number",
        ),
        (
            "heal.dsml = 3",
            "1:13: `heal.dsml` must be `true` or `false`, not a number",
        ),
        ("[[providers]]", "1:3: `providers` must be a table, not a list"),
        ("providers.a = 1", "1:15: `providers.a` must be a table, not a number"),
        (
            "[providers.a]\nheaders = { Authorization = 12345 }",
            "2:29: `providers.a.headers.Authorization` must be text in quotation marks, not a number",
        ),
        (
            "[providers.a]\nmodel = 2026-11-22",
            "2:9: `providers.a.model` must be text in quotation marks, not a date",
        ),
        (
            "providers.a.wire = \"respones\"",
            "1:20: `providers.a.wire` must be `\"chat\"` or `\"responses\"`, not `respones` | did you mean `responses`?",
        ),
        (
            "providers.a.wire = 1",
            "1:20: `providers.a.wire` must be `\"chat\"` or `\"responses\"`",
        ),
        (
            "[providers.a.models.b]\nefforts = [\"low\", \"sk-1234567890\"]",
            "2:19: `providers.a.models.b.efforts` must be `\"none\"`, `\"minimal\"`, `\"low\"`, `\"medium\"`, `\"high\"`, \
             `\"xhigh\"` or `\"max\"`",
        ),
        (
            "providers.a.models.b.price = { input = 1 }",
            "1:22: `providers.a.models.b.price` lacks `output`",
        ),
        (
            "[providers.a]\n\nheaders = { \"bad name\" = \"x\" }",
            "3:26: `providers.a.headers.\"bad name\"` is no name of a header",
        ),
    ]);
}

#[test]
fn a_number_that_cannot_be_meant_is_told_with_those_that_can() {
    for beyond in ["0", "257", "-1", "9223372036854775807", "1.5"] {
        let words = format!("2:19: `max_request_mib` must be a whole number of MiB, from 1 to 256, not {beyond}");
        assert_eq!(told(&format!("\nmax_request_mib = {beyond}")), words);
    }
    for (amount, spelled) in [("0", "0"), ("-1", "-1"), ("nan", "NaN"), ("inf", "inf")] {
        let words = format!("1:12: `max_cost` must be a number of dollars, more than 0, not {spelled}");
        assert_eq!(told(&format!("max_cost = {amount}")), words);
    }
    for key in ["context_window", "max_output"] {
        let words = format!(
            "2:{}: `providers.a.models.a.{key}` must be a whole number of tokens, from 256 to 1000000000, not -1",
            17 + key.len()
        );
        assert_eq!(told(&format!("[providers.a]\nmodels.a = {{ {key} = -1 }}")), words);
    }
    expect(&[(
        "[providers.a.models.m]\nprice = { input = 1, output = -1.5 }",
        "2:31: `providers.a.models.m.price.output` must be a number of dollars, 0 or more, not -1.5",
    )]);
}

#[test]
fn what_is_no_toml_is_told_where_it_begins_to_be_none() {
    expect(&[
        ("a = = b", "1:5: this is no TOML: extra `=`, expected nothing"),
        (
            "log = true\r\nx\r\n",
            "2:2: this is no TOML: key with no value, expected `=`",
        ),
        ("log = true\nlog = false", "2:1: this key stands there twice"),
        (
            "[providers.a]\nmodel = sk-secret",
            "2:9: text must stand in quotation marks",
        ),
    ]);
    // As some editors begin a file.
    assert!(parse("\u{feff}log = true").is_ok());
}

#[test]
fn what_is_healed_is_chosen_by_known_names() {
    assert_eq!(parse("heal = false").unwrap().heal, Some(Heal::All(false)));
    let config = parse("[heal]\ndsml = false\n[providers.a.heal]\nthink-prefilled = true\n").unwrap();
    let each = |name: &str, is_on| Some(Heal::Each(BTreeMap::from([(name.to_owned(), is_on)])));
    assert_eq!(config.heal, each("dsml", false));
    assert_eq!(config.providers["a"].heal, each("think-prefilled", true));
    expect(&[(
        "[providers.a]\nheal = { minimax-m4 = false }\n",
        "2:23: `providers.a.heal.minimax-m4` is no markup that crelay knows | did you mean `minimax-m2`?",
    )]);
}

#[test]
fn two_places_for_one_key_are_too_many() {
    expect(&[(
        "[providers.a]\nkey_env = \"A\"\nkey_command = \"secret\"\n",
        "3:15: `providers.a.key_command` stands beside `key_env`: keep the one that the key comes from",
    )]);
}

#[test]
fn a_name_that_means_nobody_is_refused() {
    expect(&[
        (
            "[providers.\"\"]\nmodel = \"a\"",
            "1:12: `providers.\"\"` is no name of a provider",
        ),
        (
            "[providers.auto]\nmodel = \"a\"",
            "1:12: `providers.auto` is no name of a provider: `auto` means all whose keys are there",
        ),
        (
            "[providers.a]\nkey_command = \" \"",
            "2:15: `providers.a.key_command` holds no command",
        ),
        (
            "providers.a.key_env = \"A=B\"",
            "1:23: `providers.a.key_env` is no name of a variable",
        ),
        (
            "keep_env = [\"A\", \"B=C\"]",
            "1:12: `keep_env` is no list of names of variables",
        ),
        (
            "fallback = [\"glm\", \"\"]",
            "1:12: `fallback` names nobody in one place",
        ),
    ]);
}

#[test]
fn a_header_that_cannot_be_sent_is_refused_without_its_value() {
    for header in ["Host = \"secret\"", "\"\" = \"secret\"", "X-A = \"secret\\n\""] {
        let text = format!("[providers.a]\nheaders = {{ {header} }}");
        let error = parse(&text).unwrap_err().to_string();
        assert!(
            error.contains("providers.a.headers") && !error.contains("secret"),
            "{error}"
        );
    }
}

#[test]
fn a_file_that_no_configuration_is_is_not_read_to_its_end() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("config.toml");
    let told = |bytes: &[u8]| {
        std::fs::write(&path, bytes).unwrap();
        let report = Report::from(Config::read(&path).unwrap_err()).to_string();
        let (first, hint) = report.split_once("\n\nhint: ").unwrap();
        assert!(hint.starts_with("let this user read it"), "{hint}");
        first.rsplit_once(": ").unwrap().1.to_owned()
    };
    assert_eq!(told(&vec![b'#'; (1 << 20) + 1]), "it is longer than 1024 KiB");
    assert_eq!(told(b"log = true # \xff"), "it is no text in UTF-8");
    std::fs::write(&path, vec![b'#'; 1 << 20]).unwrap();
    assert!(Config::read(&path).is_ok());
    std::fs::File::create(&path).unwrap().set_len(1 << 40).unwrap();
    assert!(Config::read(&path).is_err());
}

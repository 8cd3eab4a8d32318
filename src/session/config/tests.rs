use super::*;
use crate::provider::Price;

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

#[test]
fn a_mistake_is_told_with_file_line_and_key() {
    let told = |text| parse(text).unwrap_err().to_string();
    let error = told("codex = \"c\"\ndefault_providr = \"x\"\n");
    let begins = "config.toml, line 2, key `default_providr`: unknown field `default_providr`, expected one of ";
    assert!(error.starts_with(begins), "{error}");
    let error = told("[providers.a]\nbase_url = 3\n");
    assert_eq!(
        error,
        "config.toml, line 2, key `base_url`: invalid type: integer `3`, expected a string"
    );
    let error = told("keep_env = 3");
    assert!(
        error.ends_with("expected `true`, `false` or a list of variables"),
        "{error}"
    );
    let error = told("a = = b");
    assert!(error.starts_with("config.toml, line 1, key `a`: "), "{error}");
    let error = told("[providers.a]\n\nheaders = { \"bad name\" = \"x\" }");
    assert_eq!(
        error,
        "config.toml, line 3, key `providers.a.headers.bad name`: is no name of a header"
    );
}

#[test]
fn a_request_may_be_as_large_as_crelay_can_hold_and_no_larger() {
    for beyond in ["0", "257", "-1", "9223372036854775807"] {
        let error = parse(&format!("\nmax_request_mib = {beyond}")).unwrap_err();
        assert_eq!(
            error.to_string(),
            "config.toml, line 2, key `max_request_mib`: is not between 1 and 256"
        );
    }
}

#[test]
fn what_is_healed_is_chosen_by_known_names() {
    assert_eq!(parse("heal = false").unwrap().heal, Some(Heal::All(false)));
    let config = parse("[heal]\ndsml = false\n[providers.a.heal]\nthink-prefilled = true\n").unwrap();
    let each = |name: &str, is_on| Some(Heal::Each(BTreeMap::from([(name.to_owned(), is_on)])));
    assert_eq!(config.heal, each("dsml", false));
    assert_eq!(config.providers["a"].heal, each("think-prefilled", true));
    let told = |text| parse(text).unwrap_err().to_string();
    assert_eq!(
        told("[providers.a]\nheal = { minimax-m4 = false }\n"),
        "config.toml, line 2, key `providers.a.heal.minimax-m4`: is no markup that crelay knows, did you mean \
         `minimax-m2`?"
    );
    let error = told("heal = 3");
    assert!(error.ends_with("or a table such as `{ dsml = false }`"), "{error}");
}

#[test]
fn what_cannot_be_spent_is_no_amount() {
    let told = |text: &str| parse(text).unwrap_err().to_string();
    for amount in ["0", "-1", "nan", "inf"] {
        let error = told(&format!("max_cost = {amount}"));
        assert_eq!(
            error,
            "config.toml, line 1, key `max_cost`: is no amount that can be spent"
        );
    }
    let error = told("[providers.a.models.m]\nprice = { input = 1, output = -1 }");
    assert!(error.ends_with("is no price of a million tokens in dollars"), "{error}");
    let error = told("[providers.a.models.m]\nprice = { input = 1, outptu = 1 }");
    assert!(error.contains("unknown field `outptu`"), "{error}");
}

#[test]
fn two_places_for_one_key_are_too_many() {
    let error = parse("[providers.a]\nkey_env = \"A\"\nkey_command = \"secret\"\n").unwrap_err();
    assert_eq!(
        error.to_string(),
        "config.toml, line 3, key `providers.a.key_command`: stands beside `key_env`: keep the one that the key \
         comes from"
    );
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

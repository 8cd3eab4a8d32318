use std::os::unix::fs::symlink;

use tempfile::TempDir;

use super::super::choice::Environment;
use super::super::config::Config;
use super::*;
use crate::provider::Table;
use crate::report::Report;

/// A folder with a configuration that says `config`, and what is named from there.
struct Place {
    folder: TempDir,
    config: Config,
    environment: Environment,
}

impl Place {
    fn new(config: &str) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("config.toml");
        fs::write(&path, config).unwrap();
        let config = Config::read(&path).unwrap();
        Self {
            folder,
            config,
            environment: Environment::new(),
        }
    }

    fn file(self, name: &str, text: &str) -> Self {
        fs::write(self.folder.path().join(name), text).unwrap();
        self
    }

    /// `{}` is the folder.
    fn variable(mut self, name: &str, value: &str) -> Self {
        let value = value.replace("{}", &self.folder.path().display().to_string());
        self.environment.insert(name.into(), value.into());
        self
    }

    fn read_for(&self, provider: &str) -> Result<Authorities, Error> {
        let table = Table::embedded().unwrap();
        let ground = Ground {
            table: &table,
            config: &self.config,
            environment: &self.environment,
            strangers: &[],
            kept: &[],
        };
        ground.authorities(ground.choose(Some(provider), None)?.ca_file.as_ref())
    }

    fn read(&self) -> Authorities {
        self.read_for("deepseek").unwrap()
    }

    fn told(&self) -> String {
        let report = Report::from(self.read_for("deepseek").unwrap_err()).to_string();
        report.replace(&self.folder.path().display().to_string(), "{}")
    }
}

fn authority() -> rcgen::Certificate {
    let mut parameters = rcgen::CertificateParams::default();
    parameters.is_ca = rcgen::IsCa::Ca(rcgen::BasicConstraints::Unconstrained);
    parameters.self_signed(&rcgen::KeyPair::generate().unwrap()).unwrap()
}

const FOR_ALL: &str = "ca_file = \"all.pem\"\n";

const HINT: &str = "\n\nhint: name a file in PEM: text in which certificates begin with `-----BEGIN CERTIFICATE-----`";

#[test]
fn without_a_word_the_system_is_trusted() {
    let trusted = Place::new("").variable("SSL_CERT_FILE", "").read();
    assert_eq!((trusted.named.len(), trusted.only_named), (0, false));
}

#[test]
fn the_configuration_adds_to_the_system_and_the_provider_counts_before_all() {
    let [all, own] = [authority(), authority()];
    let config = format!("{FOR_ALL}[providers.mistral]\nca_file = \"own.pem\"\n");
    let place = Place::new(&config)
        .file("all.pem", &all.pem())
        .file("own.pem", &own.pem());
    let trusted = place.read();
    assert_eq!((trusted.named, trusted.only_named), (vec![all.der().clone()], false));
    let trusted = place.read_for("mistral").unwrap();
    assert_eq!((trusted.named, trusted.only_named), (vec![own.der().clone()], false));
    assert_eq!(
        format!("{:?}", place.read()),
        "Authorities { named: 1, only_named: false }"
    );
}

#[test]
fn the_variable_of_codex_adds_and_those_of_openssl_stand_in_the_systems_place() {
    let [one, other] = [authority(), authority()];
    let both = format!("a comment\n{}\n{}", one.pem(), other.pem());
    let codex = Place::new("")
        .file("a.pem", &both)
        .variable("CODEX_CA_CERTIFICATE", "{}/a.pem")
        .read();
    assert_eq!((codex.named.len(), codex.only_named), (2, false));
    let file = Place::new("")
        .file("a.pem", &both)
        .variable("SSL_CERT_FILE", "{}/a.pem")
        .read();
    assert_eq!((file.named.len(), file.only_named), (2, true));
    let folder = Place::new("").file("a.pem", &both).file("readme", "no certificate");
    symlink("a.pem", folder.folder.path().join("5ed36f99.0")).unwrap();
    symlink("nothing", folder.folder.path().join("dangling")).unwrap();
    let folder = folder.variable("SSL_CERT_DIR", ":{}:{}").read();
    assert_eq!((folder.named.len(), folder.only_named), (2, true));
}

#[test]
fn what_is_named_and_no_certificate_is_told_and_not_done_without() {
    assert_eq!(
        Place::new(FOR_ALL).told(),
        format!(
            "error: `ca_file` in {{}}/config.toml:1:11 names `{{}}/all.pem`, which cannot be read: no such file or \
             directory{HINT}"
        )
    );
    let named = |text: &str| {
        let place = Place::new("").file("a.pem", text).variable("SSL_CERT_FILE", "{}/a.pem");
        let told = place.told();
        told.strip_prefix("error: `SSL_CERT_FILE` names `{}/a.pem`, which ")
            .unwrap()
            .replace(HINT, "")
    };
    assert_eq!(named(""), "holds no certificate");
    assert_eq!(named("hello"), "holds no certificate");
    assert_eq!(
        named("-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n"),
        "holds no certificate"
    );
    assert_eq!(
        named("-----BEGIN CERTIFICATE-----\n!\n-----END CERTIFICATE-----\n"),
        "is damaged"
    );
    assert_eq!(named(&authority().pem()[..200]), "is damaged");
    let key = rcgen::KeyPair::generate().unwrap().serialize_pem();
    assert_eq!(named(&key), "holds no certificate");
    let folder = Place::new("").variable("SSL_CERT_DIR", "{}").told();
    assert_eq!(
        folder,
        format!("error: `SSL_CERT_DIR` names `{{}}`, which holds no file with a certificate{HINT}")
    );
    let folder = Place::new("").variable("SSL_CERT_DIR", "{}/none").told();
    assert!(folder.contains("which cannot be read: no such file"), "{folder}");
    let folder = Place::new("").variable("CODEX_CA_CERTIFICATE", "{}").told();
    assert!(folder.contains("which cannot be read: is a directory"), "{folder}");
}

//! Counts and costs as people read them.

/// So many tokens, short: `950`, `12.3k`, `1.2M`.
#[must_use]
pub fn tokens(count: u64) -> String {
    let (size, unit) = match count {
        0..1000 => return count.to_string(),
        1000..999_950 => (1e3, "k"),
        999_950..999_950_000 => (1e6, "M"),
        _ => (1e9, "G"),
    };
    format!("{:.1}{unit}", count as f64 / size)
}

/// So many tokens, as the size of a window is told: `950`, `131k`, `1M`, `1.05M`.
#[must_use]
pub fn rounded(count: u64) -> String {
    match count {
        0..1000 => count.to_string(),
        1000..999_500 => format!("{:.0}k", count as f64 / 1e3),
        _ => {
            let millions = format!("{:.2}", count as f64 / 1e6);
            format!("{}M", millions.trim_end_matches('0').trim_end_matches('.'))
        }
    }
}

/// Dollars, with as many digits as tell something: `$0`, `$0.0042`, `$0.42`, `$12.00`.
#[must_use]
pub fn dollars(dollars: f64) -> String {
    if dollars == 0.0 {
        return "$0".to_owned();
    }
    if dollars < 0.0001 {
        return "less than $0.0001".to_owned();
    }
    let digits = if dollars < 0.1 { 4 } else { 2 };
    format!("${dollars:.digits$}")
}

/// A part of a whole, from 0 to 1.
#[must_use]
pub fn percent(part: f64) -> String {
    format!("{:.0} %", part * 100.0)
}

/// A count and what is counted.
#[must_use]
pub fn plural(count: u64, one: &str, several: &str) -> String {
    match count {
        1 => format!("1 {one}"),
        _ => format!("{count} {several}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_as_long_as_they_tell_something() {
        let counts = [0, 999, 1000, 12_345, 999_949, 999_950, 1_234_567, 999_950_000];
        let words = ["0", "999", "1.0k", "12.3k", "999.9k", "1.0M", "1.2M", "1.0G"];
        assert_eq!(counts.map(tokens), words);
        let windows = [950, 4096, 131_072, 999_499, 999_500, 1_000_000, 1_048_576, 10_000_000];
        let words = ["950", "4k", "131k", "999k", "1M", "1M", "1.05M", "10M"];
        assert_eq!(windows.map(rounded), words);
        let costs = [0.0, 0.00001, 0.0042, 0.0999, 0.42, 12.0];
        let words = ["$0", "less than $0.0001", "$0.0042", "$0.0999", "$0.42", "$12.00"];
        assert_eq!(costs.map(dollars), words);
        assert_eq!(percent(0.894), "89 %");
        assert_eq!(
            (plural(1, "retry", "retries"), plural(0, "retry", "retries")),
            ("1 retry".into(), "0 retries".into())
        );
    }
}

//! Sizes as people write and read them.

/// Reads `1048576`, `512M`, `2G`, `1.5GiB`: the letters are powers of 1024.
pub(super) fn parse_size(text: &str) -> Result<u64, String> {
    let wrong = || "it is a number of bytes, or a number with K, M, G or T".to_owned();
    let end = text
        .find(|c: char| !c.is_ascii_digit() && c != '.')
        .unwrap_or(text.len());
    let (number, unit) = text.split_at(end);
    let factor: u64 = match unit
        .trim()
        .to_ascii_uppercase()
        .trim_end_matches("IB")
        .trim_end_matches('B')
    {
        "" => 1,
        "K" => 1 << 10,
        "M" => 1 << 20,
        "G" => 1 << 30,
        "T" => 1 << 40,
        _ => return Err(wrong()),
    };
    if let Ok(whole) = number.parse::<u64>() {
        return whole.checked_mul(factor).ok_or_else(wrong);
    }
    match number.parse::<f64>() {
        // Far below where a float is inexact by more than a byte that matters.
        Ok(value) if value.is_finite() && value * factor as f64 <= 2f64.powi(60) => {
            Ok((value * factor as f64) as u64)
        }
        _ => Err(wrong()),
    }
}

/// `1.5 MiB`.
pub(super) fn show_size(bytes: u64) -> String {
    const UNITS: [&str; 5] = ["bytes", "KiB", "MiB", "GiB", "TiB"];
    let mut value = bytes as f64;
    let mut unit = 0;
    while value >= 1024.0 && unit + 1 < UNITS.len() {
        value /= 1024.0;
        unit += 1;
    }
    match unit {
        0 => format!("{bytes} bytes"),
        _ => format!("{value:.1} {}", UNITS[unit]),
    }
}

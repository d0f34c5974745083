//! Words for people.

use unicode_width::UnicodeWidthStr;

/// A number and what it counts: `1 tensor`, `2,000 tensors`.
pub fn count(number: u64, noun: &str) -> String {
    format!("{} {noun}{}", grouped(number), if number == 1 { "" } else { "s" })
}

/// A number with a comma every three digits.
pub fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let mut text = String::with_capacity(digits.len() * 4 / 3);
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at) % 3 == 0 {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// How many columns of a terminal a text takes: a Chinese letter takes two, an accent
/// by itself none.
pub fn width(text: &str) -> usize {
    UnicodeWidthStr::width(text)
}

/// What comes behind a text in a column that is so wide.
pub fn padding(text: &str, column: usize) -> String {
    " ".repeat(column.saturating_sub(width(text)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_is_not_many() {
        assert_eq!(count(1_234_567, "byte"), "1,234,567 bytes");
        assert_eq!([0, 1, 2].map(|n| count(n, "byte")), ["0 bytes", "1 byte", "2 bytes"]);
    }

    #[test]
    fn columns_are_those_of_a_terminal() {
        assert_eq!(["ab", "模型", "e\u{301}", ""].map(width), [2, 4, 1, 0]);
        assert_eq!(padding("模型", 6), "  ");
        assert_eq!(padding("模型", 3), "");
    }
}

//! How many tokens a text takes, where the provider's own tokenizer is not at hand.

#[cfg(test)]
pub(crate) mod samples;

/// Weights below are in twelfths of a token, so that thirds and quarters are whole numbers.
const TOKEN: usize = 12;
/// Spaces that vocabularies put into one token at most; indentation is made of such runs.
const LONGEST_RUN: usize = 16;

/// An estimate that is rather too high than too low: running over the context window is an error at
/// the provider, leaving some of it unused costs little.
///
/// The weights are measured against two vocabularies of OpenAI, a newer and an older one; the test
/// below holds them. What the older one splits twice as finely lies between the two.
pub fn estimate(text: &str) -> usize {
    weigh(text, |symbol| match symbol {
        'a'..='z' => 4,
        // Names in code and encoded data are split where the case changes.
        'A'..='Z' => 10,
        symbol if symbol.is_ascii() => TOKEN,
        // Latin letters with marks.
        '\u{80}'..='\u{24f}' | '\u{1e00}'..='\u{1eff}' => 8,
        // Greek, Cyrillic, Hebrew, Arabic.
        '\u{250}'..='\u{7ff}' => 6,
        // The scripts of India and South-East Asia.
        '\u{800}'..='\u{1fff}' => 9,
        // Joiners, arrows and pictures, and what selects their form.
        '\u{2000}'..='\u{2e7f}' | '\u{fe00}'..='\u{fe0f}' => 24,
        // Chinese, Japanese, Korean.
        '\u{2e80}'..='\u{ffff}' => 13,
        // Emoji and rare letters.
        _ => 30,
    })
}

/// The same for a small vocabulary that was made from English, such as the local model's: it has
/// hardly a token for other scripts and falls back to their bytes, and other languages' words are cut
/// into shorter pieces.
pub(crate) fn estimate_small(text: &str) -> usize {
    weigh(text, |symbol| match symbol {
        'a'..='z' => 5,
        symbol => symbol.len_utf8() * TOKEN,
    })
}

/// Adds up the weights. A single space belongs to the word after it; a run of them is a token.
fn weigh(text: &str, weight: impl Fn(char) -> usize) -> usize {
    let (mut sum, mut run) = (0_usize, 0_usize);
    for symbol in text.chars() {
        if symbol == ' ' {
            run += 1;
            sum += if run % LONGEST_RUN == 2 { TOKEN } else { 0 };
        } else {
            run = 0;
            sum += weight(symbol);
        }
    }
    sum.div_ceil(TOKEN)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn estimates_are_neither_too_low_nor_far_too_high() {
        let newer = tiktoken_rs::o200k_base().expect("the vocabulary is built in");
        let older = tiktoken_rs::cl100k_base().expect("the vocabulary is built in");
        for (name, text) in samples::ALL {
            let ours = estimate(text);
            let exact = newer.encode_ordinary(text).len();
            assert!(ours * 10 >= exact * 9, "{name}: {ours} for {exact}");
            assert!(ours <= exact * 2, "{name}: {ours} for {exact}");
            // Thai takes more than twice as much there; no number is right for both.
            let exact = older.encode_ordinary(text).len();
            assert!(ours * 10 >= exact * 8, "{name}, older: {ours} for {exact}");
        }
    }

    #[test]
    fn spaces_count_in_runs() {
        assert_eq!([estimate(" "), estimate("  "), estimate(&" ".repeat(17)), estimate(&" ".repeat(18))], [0, 1, 1, 2]);
        assert_eq!(estimate(""), 0);
    }

    /// A small vocabulary has tokens for bytes alone where it was not made for a script.
    #[test]
    fn other_scripts_count_their_bytes_for_a_small_vocabulary() {
        assert_eq!(
            [estimate_small("四"), estimate_small("ก"), estimate_small("😀"), estimate_small("я")],
            [3, 3, 4, 2]
        );
        for (name, text) in samples::ALL {
            assert!(estimate_small(text) >= estimate(text) * 9 / 10, "{name}");
        }
    }
}

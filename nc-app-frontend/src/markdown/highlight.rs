//! Light colours for code: strings, comments, numbers and the words that most languages share. It is
//! right often and harmless where it is wrong; a real lexer for each language would be larger than
//! the rest of the program.

/// What a piece of code is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Anything else.
    Plain,
    /// A comment.
    Comment,
    /// A string.
    Text,
    /// A number, or a word that stands for a value.
    Number,
    /// A word of the language.
    Keyword,
}

/// Languages of which colours would be nonsense.
const PROSE: [&str; 8] = ["", "text", "txt", "plain", "markdown", "md", "diff", "output"];
/// Languages in which `#` begins a comment.
const HASH: [&str; 17] = [
    "python",
    "py",
    "bash",
    "sh",
    "shell",
    "zsh",
    "ruby",
    "rb",
    "yaml",
    "yml",
    "toml",
    "r",
    "perl",
    "make",
    "makefile",
    "dockerfile",
    "nix",
];
/// Languages in which `--` begins a comment.
const DASHES: [&str; 5] = ["sql", "lua", "haskell", "hs", "elm"];
/// Languages in which words may stand in any case.
const ANY_CASE: [&str; 2] = ["sql", "dockerfile"];
/// Languages whose single quotes also mark lifetimes or type variables.
const TICKS: [&str; 5] = ["rust", "rs", "haskell", "hs", "ocaml"];

const VALUES: [&str; 14] =
    ["true", "false", "null", "nil", "none", "None", "True", "False", "undefined", "NaN", "self", "this", "Some", "Ok"];
const KEYWORDS: &str = " abstract and as assert async await begin bool break by case catch char class const continue \
    create crate def default defer del delete do double elif else elsif end enum except export extends extern fi final \
    finally float fn for foreach from func function go group having if impl implements import in include insert int \
    interface into is join lambda let limit local long loop match mod module move mut namespace new not of on or order \
    package pass private protected pub public raise range ref require return select set short sizeof static str string \
    struct super switch table then throw throws trait try type typedef typeof union unsafe unsigned until update use \
    using val values var virtual void volatile when where while with yield ";

/// Cuts code into pieces that follow each other without a gap.
pub fn highlight<'a>(language: &str, code: &'a str) -> Vec<(Kind, &'a str)> {
    let language = language.to_ascii_lowercase();
    let is = |list: &[&str]| list.contains(&language.as_str());
    if is(&PROSE) {
        return vec![(Kind::Plain, code)];
    }
    let rules = Rules { hash: is(&HASH), dashes: is(&DASHES), any_case: is(&ANY_CASE), ticks: is(&TICKS) };
    let mut pieces: Vec<(Kind, &str)> = Vec::new();
    let (mut from, mut at) = (0, 0);
    while at < code.len() {
        let (kind, length) = rules.next(&code[at..]);
        if kind != Kind::Plain {
            if from < at {
                pieces.push((Kind::Plain, &code[from..at]));
            }
            pieces.push((kind, &code[at..at + length]));
            from = at + length;
        }
        at += length;
    }
    if from < code.len() {
        pieces.push((Kind::Plain, &code[from..]));
    }
    pieces
}

#[expect(clippy::struct_excessive_bools, reason = "independent habits of languages")]
struct Rules {
    hash: bool,
    dashes: bool,
    any_case: bool,
    ticks: bool,
}

impl Rules {
    /// The kind and the length of what the code begins with; at least one character.
    fn next(&self, code: &str) -> (Kind, usize) {
        let line = code.find('\n').unwrap_or(code.len());
        let until = |begin: usize, end: &str| code[begin..].find(end).map_or(code.len(), |at| begin + at + end.len());
        let Some(first) = code.chars().next() else { return (Kind::Plain, 0) };
        match first {
            '#' if self.hash => (Kind::Comment, line),
            '-' if self.dashes && code.starts_with("--") => (Kind::Comment, line),
            '/' if code.starts_with("//") && !self.hash && !self.dashes => (Kind::Comment, line),
            '/' if code.starts_with("/*") => (Kind::Comment, until(2, "*/")),
            '<' if code.starts_with("<!--") => (Kind::Comment, until(4, "-->")),
            '"' | '\'' if code[1..].chars().take(2).eq([first; 2]) => (Kind::Text, until(3, &code[..3])),
            '\'' if self.ticks => match tick(code) {
                Some(length) => (Kind::Text, length),
                None => (Kind::Plain, 1),
            },
            '"' | '\'' | '`' => (Kind::Text, string(code, first)),
            _ if first.is_ascii_digit() => {
                let is_part = |sign: char| sign.is_ascii_alphanumeric() || sign == '_' || sign == '.';
                (Kind::Number, code.find(|sign| !is_part(sign)).unwrap_or(code.len()))
            }
            _ if first.is_alphabetic() || first == '_' => {
                let length = code.find(|sign: char| !sign.is_alphanumeric() && sign != '_').unwrap_or(code.len());
                (self.word(&code[..length]), length)
            }
            _ => (Kind::Plain, first.len_utf8()),
        }
    }

    fn word(&self, word: &str) -> Kind {
        if VALUES.contains(&word) {
            return Kind::Number;
        }
        let lower = self.any_case.then(|| word.to_ascii_lowercase());
        let is_keyword = KEYWORDS.contains(&format!(" {} ", lower.as_deref().unwrap_or(word)));
        if is_keyword { Kind::Keyword } else { Kind::Plain }
    }
}

/// The length of a string that ends at its quote, or at the line's end.
fn string(code: &str, quote: char) -> usize {
    let mut escaped = false;
    for (at, sign) in code.char_indices().skip(1) {
        match sign {
            _ if escaped => escaped = false,
            '\\' => escaped = true,
            '\n' if quote != '`' => return at,
            _ if sign == quote => return at + 1,
            _ => {}
        }
    }
    code.len()
}

/// The length of a quoted character; `None` for a lifetime.
fn tick(code: &str) -> Option<usize> {
    let mut signs = code.char_indices().skip(1);
    let (_, first) = signs.next()?;
    if first == '\\' {
        return Some(string(code, '\''));
    }
    signs.next().filter(|(_, second)| *second == '\'').map(|(at, _)| at + 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn marked(language: &str, code: &str) -> Vec<(Kind, String)> {
        let pieces = highlight(language, code);
        assert_eq!(pieces.iter().map(|(_, text)| *text).collect::<String>(), code, "nothing is lost");
        pieces
            .into_iter()
            .filter(|(kind, _)| *kind != Kind::Plain)
            .map(|(kind, text)| (kind, text.to_owned()))
            .collect()
    }

    fn is(kind: Kind, text: &str) -> (Kind, String) {
        (kind, text.to_owned())
    }

    #[test]
    fn rust_and_python_have_their_colours() {
        assert_eq!(
            marked("rust", "fn a<'x>() -> &'x str { \"b\\\"\" } // 'c'"),
            [
                is(Kind::Keyword, "fn"),
                is(Kind::Keyword, "str"),
                is(Kind::Text, "\"b\\\"\""),
                is(Kind::Comment, "// 'c'"),
            ]
        );
        assert_eq!(
            marked("python", "angle = 42  # degrees\nprint('x')"),
            [is(Kind::Number, "42"), is(Kind::Comment, "# degrees"), is(Kind::Text, "'x'"),]
        );
    }

    #[test]
    fn other_marks_of_comments_count_where_they_are_some() {
        assert_eq!(marked("sql", "SELECT 1 -- one")[2], is(Kind::Comment, "-- one"));
        assert_eq!(marked("c", "i--; /* a\nb */"), [is(Kind::Comment, "/* a\nb */")]);
        assert!(marked("text", "if 1 // 'x'").is_empty());
    }

    #[test]
    fn no_prefix_of_anything_panics() {
        let code = "let é = '\\u{1}' \"\"\"ü\"\"\" `a\nb` 0x1F /* ' */ '' 'a 'ß' <!-- x";
        for language in ["rust", "python", "js", "sql", ""] {
            for end in (0..=code.len()).filter(|end| code.is_char_boundary(*end)) {
                marked(language, &code[..end]);
            }
        }
    }
}

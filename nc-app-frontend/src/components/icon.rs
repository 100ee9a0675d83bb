//! Drawn signs: one stroke width, one size, the colour of the text around them.

use yew::{Html, Properties, component, html};

/// The signs there are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Glyph {
    Alert,
    ArrowDown,
    Branch,
    Check,
    Close,
    Copy,
    Edit,
    Eye,
    EyeOff,
    Globe,
    Menu,
    More,
    Pin,
    Plus,
    Retry,
    Search,
    Send,
    SignOut,
    Stop,
    Theme,
    ThumbDown,
    ThumbUp,
    Tool,
    Trash,
    User,
}

impl Glyph {
    const fn path(self) -> &'static str {
        match self {
            Self::Alert => "M12 8v5m0 3v.01M12 3.5 2.8 19.5h18.4z",
            Self::ArrowDown => "M12 5v14m-6-6 6 6 6-6",
            Self::Branch => "M6 4v16M6 14c0-4 12-2 12-8M18 6m-2 0a2 2 0 1 0 4 0 2 2 0 1 0-4 0",
            Self::Check => "m5 12.5 4.5 4.5L19 7.5",
            Self::Close => "m6 6 12 12M18 6 6 18",
            Self::Copy => "M9 9h10v11H9zM15 9V4H5v11h4",
            Self::Edit => "M4 20h4L19 9l-4-4L4 16zM13 7l4 4",
            Self::Eye => {
                "M2.5 12S6 5.5 12 5.5 21.5 12 21.5 12 18 18.5 12 18.5 2.5 12 2.5 12zM12 12m-2.8 0a2.8 2.8 0 1 0 5.6 0 2.8 2.8 0 1 0-5.6 0"
            }
            Self::EyeOff => {
                "M4 4l16 16M9.9 5.8A9 9 0 0 1 12 5.5c6 0 9.5 6.5 9.5 6.5a16 16 0 0 1-2.6 3.3M6.3 7.4A15 15 0 0 0 2.5 12S6 18.5 12 18.5a9 9 0 0 0 4.3-1.1M9.9 10.2a2.8 2.8 0 0 0 3.9 3.9"
            }
            Self::Globe => {
                "M12 3.5a8.5 8.5 0 1 0 0 17 8.5 8.5 0 0 0 0-17zM3.5 12h17M12 3.5c5 5 5 12 0 17-5-5-5-12 0-17z"
            }
            Self::Menu => "M4 5.5h16v13H4zM9.5 5.5v13",
            Self::More => "M5 12h.01M12 12h.01M19 12h.01",
            Self::Pin => "M9 4h6l-1 6 3 3v2H7v-2l3-3zM12 15v5",
            Self::Plus => "M12 5v14M5 12h14",
            Self::Retry => "M19.5 12a7.5 7.5 0 1 1-2.2-5.3L20 9.4M20 4.5v5h-5",
            Self::Search => "M10.5 4a6.5 6.5 0 1 0 0 13 6.5 6.5 0 0 0 0-13zM15.5 15.5 20 20",
            Self::Send => "M12 19V5m-6 6 6-6 6 6",
            Self::SignOut => "M14 4H5v16h9M10 12h10m-3.5-3.5L20 12l-3.5 3.5",
            Self::Stop => "M7.5 7.5h9v9h-9z",
            Self::Theme => "M12 3.5a8.5 8.5 0 1 0 0 17zM12 3.5a8.5 8.5 0 0 1 0 17",
            Self::ThumbDown => {
                "M7 13.5V4H4v9.5zM7 13.5l4 6.5c1.5 0 2.5-1 2.5-2.500V14h4.500a2 2 0 0 0 2-2.300l-1-6a2 2 0 0 0-2-1.700H7"
            }
            Self::ThumbUp => {
                "M7 10.500V20H4v-9.500zM7 10.5 11 4c1.5 0 2.5 1 2.5 2.500V10H18a2 2 0 0 1 2 2.300l-1 6a2 2 0 0 1-2 1.700H7"
            }
            Self::Tool => "M14.5 6.500a4 4 0 0 0-5.3 5L4 16.7 7.3 20l5.2-5.200a4 4 0 0 0 5-5.300L15 12l-3-3z",
            Self::Trash => "M4.5 7h15M9.5 7V4.500h5V7M6.5 7l1 13h9l1-13M10 11v5.500M14 11v5.5",
            Self::User => "M12 4a4 4 0 1 0 0 8 4 4 0 0 0 0-8zM4.5 20c.8-4 4-5.5 7.5-5.500s6.7 1.5 7.5 5.5",
        }
    }
}

#[derive(Properties, PartialEq)]
pub(crate) struct IconProps {
    pub(crate) glyph: Glyph,
}

/// A sign beside a text, or in a button that has a label.
#[component]
pub(crate) fn Icon(props: &IconProps) -> Html {
    html! {
        <svg class="icon" viewBox="0 0 24 24" aria-hidden="true" focusable="false">
            <path d={props.glyph.path()} />
        </svg>
    }
}

/// The mark of the product: an alcove with a light in it.
#[component]
pub(crate) fn Mark() -> Html {
    html! {
        <svg class="mark" viewBox="0 0 32 32" aria-hidden="true" focusable="false">
            <path class="mark-wall" d="M4 28V14a12 12 0 0 1 24 0v14z" />
            <path class="mark-niche" d="M10 28V15a6 6 0 0 1 12 0v13z" />
            <circle class="mark-light" cx="16" cy="17" r="2.4" />
        </svg>
    }
}

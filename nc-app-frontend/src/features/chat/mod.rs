//! Conversations: the list beside, the messages, the answer in the making.

mod actions;
mod acts;
mod announce;
mod answer;
mod chunks;
mod composer;
mod control;
mod drafts;
mod ending;
mod entry;
mod feedback;
mod link;
mod messages;
mod notice;
mod page;
mod pane;
mod question;
mod replace;
mod scroll;
mod sidebar;
mod steps;
mod use_list;
mod use_news;
mod use_thread;
mod welcome;
mod when;

pub(crate) use drafts::forget_drafts;
pub(crate) use page::ChatPage;

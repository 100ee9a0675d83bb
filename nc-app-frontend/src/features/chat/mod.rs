//! Conversations: the list beside, the messages, the answer in the making.

mod actions;
mod acts;
mod announce;
mod answer;
mod composer;
mod drafts;
mod ending;
mod entry;
mod feedback;
mod messages;
mod page;
mod pane;
mod question;
mod scroll;
mod sidebar;
mod steps;
mod use_list;
mod use_news;
mod use_thread;
mod welcome;

pub(crate) use page::ChatPage;

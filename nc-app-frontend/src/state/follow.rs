//! Whether the end of a growing conversation is kept in view.

/// Distance from the end, in pixels, that still counts as the end.
const NEAR_END: i32 = 80;

/// Where a scrolled element stands, in pixels.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Place {
    /// How far it is scrolled.
    pub top: i32,
    /// The height of what is in it.
    pub height: i32,
    /// The height of what is in view.
    pub view: i32,
}

impl Place {
    fn rest(self) -> i32 {
        self.height - self.top - self.view
    }
}

/// Follows the end until the reader scrolls up.
#[derive(Clone, Copy, Debug)]
pub struct Follow {
    /// Whether the end is to be kept in view.
    pub follows: bool,
    top: i32,
}

impl Default for Follow {
    fn default() -> Self {
        Self { follows: true, top: 0 }
    }
}

impl Follow {
    /// The element was scrolled, by the reader or by us. Gives whether the end is in view.
    pub fn scrolled(&mut self, now: Place) -> bool {
        let rest = now.rest();
        // We never scroll up; the browser does when the content gets shorter, and then it ends at the
        // very end. Fractions of pixels are rounded.
        if now.top < self.top && rest > 1 {
            self.follows = false;
        } else if now.top != self.top && rest < NEAR_END {
            self.follows = true;
        }
        self.top = now.top;
        self.follows || rest < NEAR_END
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(top: i32, height: i32) -> Place {
        Place { top, height, view: 500 }
    }

    #[test]
    fn the_first_pixel_up_stops_the_following() {
        let mut follow = Follow::default();
        assert!(follow.scrolled(at(500, 1_000)));
        assert!(follow.scrolled(at(490, 1_000)), "the end is still in view");
        assert!(!follow.follows);
        // The text grows meanwhile, and nothing is scrolled.
        assert!(!follow.scrolled(at(490, 1_200)));
        assert!(!follow.follows);
    }

    #[test]
    fn scrolling_down_to_the_end_follows_again() {
        let mut follow = Follow::default();
        follow.scrolled(at(500, 1_000));
        follow.scrolled(at(100, 1_000));
        assert!(!follow.scrolled(at(300, 1_000)));
        assert!(!follow.follows);
        assert!(follow.scrolled(at(421, 1_000)));
        assert!(follow.follows);
    }

    #[test]
    fn a_text_that_gets_shorter_or_a_view_that_gets_higher_is_no_reader() {
        let mut follow = Follow::default();
        follow.scrolled(at(500, 1_000));
        follow.scrolled(at(300, 800));
        assert!(follow.follows);
        follow.scrolled(Place { top: 200, height: 800, view: 600 });
        assert!(follow.follows);
    }

    #[test]
    fn growth_between_two_scrolls_does_not_stop_the_following() {
        let mut follow = Follow::default();
        follow.scrolled(at(500, 1_000));
        follow.scrolled(at(700, 1_400));
        assert!(follow.follows);
    }
}

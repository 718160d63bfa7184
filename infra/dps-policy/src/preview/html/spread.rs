//! Places for labels of a map, so that none covers another.

/// A rectangle by its centre and half its size.
#[derive(Clone, Copy, Debug)]
pub(super) struct Area {
    pub(super) x: f64,
    pub(super) y: f64,
    pub(super) half: (f64, f64),
}

impl Area {
    fn meets(&self, other: &Self) -> bool {
        (self.x - other.x).abs() < self.half.0 + other.half.0
            && (self.y - other.y).abs() < self.half.1 + other.half.1
    }

    fn is_within(&self, frame: &Self) -> bool {
        (self.x - frame.x).abs() + self.half.0 <= frame.half.0
            && (self.y - frame.y).abs() + self.half.1 <= frame.half.1
    }
}

/// Directions that are tried, clockwise from above.
const DIRECTIONS: u8 = 24;

/// Distances that are tried.
const STEPS: u8 = 60;

/// A place near `circle` for a label of this size that meets none of `taken`; `None` if all is
/// full.
pub(super) fn place(circle: &Area, half: (f64, f64), frame: &Area, taken: &[Area]) -> Option<Area> {
    for step in 0..STEPS {
        let away = circle.half.0 + 1.0 + f64::from(step) * 2.0;
        for direction in 0..DIRECTIONS {
            let turn = f64::from(direction) / f64::from(DIRECTIONS) - 0.25;
            let (down, right) = (turn * std::f64::consts::TAU).sin_cos();
            let label = Area {
                x: circle.x + right * (away + half.0),
                y: circle.y + down * (away + half.1),
                half,
            };
            if label.is_within(frame) && !taken.iter().any(|it| it.meets(&label)) {
                return Some(label);
            }
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn labels_at_one_point_spread() {
        let frame = Area {
            x: 0.0,
            y: 0.0,
            half: (180.0, 70.0),
        };
        let circle = Area {
            x: 179.0,
            y: 69.0,
            half: (1.0, 1.0),
        };
        let mut taken = Vec::new();
        for _ in 0..30 {
            let label = place(&circle, (6.0, 4.5), &frame, &taken).unwrap();
            assert!(label.is_within(&frame) && !taken.iter().any(|it: &Area| it.meets(&label)));
            taken.push(label);
        }
    }

    #[test]
    fn where_all_is_full_there_is_no_label() {
        let frame = Area {
            x: 0.0,
            y: 0.0,
            half: (180.0, 70.0),
        };
        assert!(place(&frame, (6.0, 4.5), &frame, &[frame]).is_none());
    }
}

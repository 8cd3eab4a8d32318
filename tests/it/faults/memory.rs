//! How much memory a thread holds. Threads that do not ask are not counted, and lose next to nothing by it.
//!
//! Only what a thread takes and gives back itself is right: a relay and its client live on one thread.

use std::alloc::{GlobalAlloc, Layout, System};
use std::cell::Cell;

/// The system's allocator, with a look at sizes.
struct Counting;

#[global_allocator]
static ALLOCATOR: Counting = Counting;

#[derive(Clone, Copy)]
struct Held {
    now: i64,
    most: i64,
}

thread_local! {
    static HELD: Cell<Option<Held>> = const { Cell::new(None) };
}

/// The most bytes that this thread held at once during `work`, beyond what it held before.
pub fn most_held(work: impl FnOnce()) -> u64 {
    HELD.set(Some(Held { now: 0, most: 0 }));
    work();
    let held = HELD.take();
    held.map_or(0, |held| held.most.unsigned_abs())
}

fn count(taken: usize, given_back: usize) {
    // A thread that ends gives back what its other locals held; nobody counts that.
    let _ = HELD.try_with(|held| {
        if let Some(Held { now, most }) = held.get() {
            let now = now + taken.cast_signed() as i64 - given_back.cast_signed() as i64;
            let most = most.max(now);
            held.set(Some(Held { now, most }));
        }
    });
}

#[expect(
    unsafe_code,
    reason = "an allocator can be written in no other way; all of it is the system's"
)]
// SAFETY: every call goes on to the system's allocator as it came, and counting neither allocates nor unwinds.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        count(layout.size(), 0);
        unsafe { System.alloc(layout) }
    }

    unsafe fn alloc_zeroed(&self, layout: Layout) -> *mut u8 {
        count(layout.size(), 0);
        unsafe { System.alloc_zeroed(layout) }
    }

    unsafe fn realloc(&self, start: *mut u8, layout: Layout, size: usize) -> *mut u8 {
        count(size, layout.size());
        unsafe { System.realloc(start, layout, size) }
    }

    unsafe fn dealloc(&self, start: *mut u8, layout: Layout) {
        count(0, layout.size());
        unsafe { System.dealloc(start, layout) }
    }
}

#[test]
fn the_most_that_was_held_at_once_is_counted() {
    let most = most_held(|| {
        drop(std::hint::black_box(vec![1_u8; 5000]));
        drop(std::hint::black_box(vec![0_u8; 7000]));
        let mut grown = std::hint::black_box(vec![0_u8; 100]);
        grown.resize(6000, 1);
        drop(std::hint::black_box(grown));
    });
    assert_eq!(most, 7000);
}

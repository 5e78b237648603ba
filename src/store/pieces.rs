//! Blobs one after the other, read as one.

use std::io;

use bytes::{Bytes, BytesMut};

use super::Blob;

/// A blob without its beginning.
#[derive(Clone, Debug)]
pub struct Slice {
    /// The blob.
    pub blob: Blob,
    /// How many bytes are left out.
    pub skip: u64,
}

/// See the module. Each of the blobs is pinned.
#[derive(Debug, Default)]
pub struct Pieces {
    slices: Vec<Slice>,
    /// Where each ends.
    ends: Vec<u64>,
    is_in_memory: bool,
}

impl Pieces {
    /// These, in this order.
    pub fn new(slices: Vec<Slice>) -> Self {
        let mut end = 0;
        let ends = slices.iter().map(|slice| {
            end += slice.blob.len().saturating_sub(slice.skip);
            end
        });
        Self {
            ends: ends.collect(),
            is_in_memory: slices.iter().all(|slice| slice.blob.is_in_memory()),
            slices,
        }
    }

    /// The size in bytes.
    pub fn len(&self) -> u64 {
        self.ends.last().copied().unwrap_or(0)
    }

    /// Whether there are no bytes.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Whether a read takes no I/O.
    pub fn is_in_memory(&self) -> bool {
        self.is_in_memory
    }

    /// As [`Blob::read_at`].
    pub(super) fn read_at(&self, offset: u64, size: usize) -> io::Result<Bytes> {
        let left = self.len().saturating_sub(offset);
        let size = size.min(usize::try_from(left).unwrap_or(usize::MAX));
        let mut buffer = BytesMut::with_capacity(size);
        let first = self.ends.partition_point(|end| *end <= offset);
        for (slice, end) in self.slices.iter().zip(&self.ends).skip(first) {
            if buffer.len() == size {
                break;
            }
            let start = end - slice.blob.len().saturating_sub(slice.skip);
            let within = (offset + buffer.len() as u64) - start;
            let bytes = slice
                .blob
                .read_at(slice.skip + within, size - buffer.len())?;
            buffer.extend_from_slice(&bytes);
        }
        match buffer.len() == size {
            true => Ok(buffer.freeze()),
            false => Err(io::ErrorKind::UnexpectedEof.into()),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;

    fn memory(text: &'static str) -> Blob {
        Blob::Memory(Bytes::from_static(text.as_bytes()))
    }

    #[test]
    fn every_range_is_that_of_the_whole() {
        let inner = Pieces::new(vec![
            Slice {
                blob: memory("cd"),
                skip: 0,
            },
            Slice {
                blob: memory(""),
                skip: 0,
            },
            Slice {
                blob: memory("xef"),
                skip: 1,
            },
        ]);
        let pieces = Pieces::new(vec![
            Slice {
                blob: memory("ab"),
                skip: 0,
            },
            Slice {
                blob: Blob::Pieces(Arc::new(inner)),
                skip: 0,
            },
            Slice {
                blob: memory("yy"),
                skip: 2,
            },
            Slice {
                blob: memory("g"),
                skip: 0,
            },
        ]);
        let whole = "abcdefg";
        let blob = Blob::Pieces(Arc::new(pieces));
        assert_eq!(blob.len(), 7);
        assert!(blob.is_in_memory());
        assert_eq!(blob.read_all().unwrap(), whole);
        for offset in 0..10_usize {
            for size in 0..10 {
                let start = offset.min(7);
                let expected = &whole[start..(start + size).min(7)];
                assert_eq!(blob.read_at(offset as u64, size).unwrap(), expected);
            }
        }
        assert_eq!(blob.read_at(u64::MAX, 3).unwrap(), "");
    }
}

/**
 * Holds implementations of dropout against the contract: this library's own, and anybody's.
 *
 * <p>{@link io.github.jdropout.parity.ParitySuite} compares bits, {@link
 * io.github.jdropout.parity.MaskStatistics} tests the randomness of masks, and {@link
 * io.github.jdropout.parity.GoldenFile} carries answers to other languages. {@code docs/parity.md}
 * shows how.
 */
package io.github.jdropout.parity;

/**
 * The mask contract, written from its text and from nothing else: what the parity suite compares
 * every implementation with.
 */
package io.github.jdropout.parity.reference;

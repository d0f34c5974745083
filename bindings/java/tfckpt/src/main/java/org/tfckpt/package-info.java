/**
 * Reads and writes TensorFlow checkpoints without TensorFlow.
 *
 * <h2>Nouns</h2>
 *
 * <p>A checkpoint is a set of named tensors in files that share a prefix. A {@link
 * org.tfckpt.Reader} reads one; a {@link org.tfckpt.Tensor} is one of its tensors: what it is, and
 * the way to its values. A {@link org.tfckpt.Slice} is a part of a tensor, a {@link
 * org.tfckpt.View} its values as they lie in the file. A {@link org.tfckpt.Writer} writes a
 * checkpoint, which appears when {@link org.tfckpt.Writer#finish()} succeeds, and a {@link
 * org.tfckpt.TensorSpec} says what is added to it. What is about whole checkpoints is in {@link
 * org.tfckpt.Checkpoint}.
 *
 * <h2>Rules</h2>
 *
 * <ul>
 *   <li>Closing. What is {@link java.lang.AutoCloseable} holds memory and files that the garbage
 *       collector knows nothing of: close it. Closing waits until calls of other threads have
 *       ended, closing again does nothing, and what comes later throws an {@link
 *       java.lang.IllegalStateException}. A {@link org.tfckpt.Progress.Listener} does not wait. What is forgotten is freed some time after it has become
 *       garbage; a program that relies on that may run out of files before.
 *   <li>Threads. Everything may be shared by threads. Readers never change, and their calls run at
 *       the same time; those of a writer take turns. Memory that is being read into, or written
 *       from, must be left alone until the call returns. Nothing of yours is called but a {@link
 *       org.tfckpt.Progress.Listener}, and that by the thread that made the call.
 *   <li>Values. Elements are in C order, outermost dimension first, and in buffers in the byte
 *       order of this machine, {@link java.nio.ByteOrder#nativeOrder()}. Types are not converted.
 *   <li>Buffers. What is read goes to the position of a buffer and moves it, and what is written is
 *       what remains; the limit is kept to. Of direct buffers nothing is copied.
 *   <li>Names. Names of tensors are any bytes, in practice UTF-8. Where a name is taken as a string
 *       there is another method that takes bytes.
 *   <li>Errors. What is wrong with files, tensors and arguments is a {@link
 *       org.tfckpt.TfckptException}, which says where. A null is a {@link
 *       java.lang.NullPointerException}.
 *   <li>Damage. Every byte that is read is checked against its checksum, unless {@link
 *       org.tfckpt.ReadOptions#verify(boolean)} says otherwise. A damaged file is {@link
 *       org.tfckpt.Status#DATA_LOSS}, and no memory is taken because a file says so.
 * </ul>
 */
package org.tfckpt;

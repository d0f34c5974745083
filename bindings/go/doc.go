// Package tfckpt reads and writes TensorFlow checkpoints without TensorFlow, through the C
// library libtfckpt.
//
// # Nouns
//
// A checkpoint is a set of named tensors in files that share a prefix. A [Reader], from
// [Open], reads one: [Reader.All] lists its tensors, [Reader.Lookup] finds a [Tensor],
// [Values], [Reader.Read] and [Reader.ReadStrings] give what is in it, [Reader.ReadMany] what
// is in many. A [Slice] is a part of a tensor. A [Section] is its bytes as an [io.ReaderAt],
// [Reader.View] shows them without a copy. A [Writer], from [Create], writes a checkpoint,
// which appears when [Writer.Finish] succeeds: [Add], [Writer.AddStrings], [AddSlice], and a
// [Stream] for what does not fit in memory. [Merge], [Copy] and [OpenOverlay] make one of
// several; [Verify] finds all that is wrong. [Latest] leads from a directory to its latest
// checkpoint, and a [Manager] keeps the newest few of them.
//
// # Caveats
//
// Close. A [Reader] and a [Manager] hold memory and files that Go's garbage collector knows
// nothing of: close them. Closing twice, or while other goroutines are at a call, is fine:
// Close waits for them, and what comes later fails with [ErrClosed]. To end a [Reader.ReadMany]
// sooner, cancel its context; to see how far it is, [WithProgress]. What is forgotten is closed some time after it has become
// garbage, and a program that relies on that may run out of files before. A [Writer] needs
// [Writer.Finish] or [Writer.Abort]; a deferred Abort is right in any case.
//
// Goroutines. All that this package has may be shared by goroutines. A [Reader] never changes,
// and its calls run at the same time; those of a [Writer] take turns. Memory that is being read
// into must be left alone until the call returns.
//
// Memory. Nothing that is given to a call is kept after it. No memory is taken because a file
// says so: a tensor is given memory when the files have as many bytes.
//
// Values. Elements are in C order, outermost dimension first, in the byte order of this
// machine. The dtype must be that of the Go type; nothing is converted.
//
// Views. The bytes of [Reader.View] are those of the file itself. They are gone when the
// function returns that they were shown to; what is kept of them is a pointer to anything or
// nothing.
//
// Names and paths. Names are any bytes, in practice UTF-8. Paths are taken as they are.
//
// Errors. All are of type [*Error], which says what is wrong, and where: file, tensor and
// byte. [errors.Is] tells their kinds apart: [ErrNotFound], [ErrDataLoss] and so on. Only what
// a caller's own [io.Writer], or the function given to [Reader.View], returns comes as it is.
//
// Damage. Every byte that is read is checked against its checksum, unless [WithVerify] says
// otherwise. A damaged file is [ErrDataLoss], never a crash.
package tfckpt

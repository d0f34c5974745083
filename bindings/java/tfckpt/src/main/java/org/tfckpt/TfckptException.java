package org.tfckpt;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;

/** What is wrong with a checkpoint or a call, and where. */
public final class TfckptException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    /** What kind of error it is. */
    private final Status status;

    /** The path of the file, or null. */
    private final byte[] file;

    /** The name of the tensor, or null. */
    private final byte[] tensor;

    /** The data shard, or -1. */
    private final int shard;

    /** The byte of the file, or -1. */
    private final long offset;

    /** The names that it lists. */
    private final byte[][] names;

    TfckptException(
            Status status, String message, byte[] file, byte[] tensor, int shard, long offset, byte[][] names) {
        super(message);
        this.status = status;
        this.file = file;
        this.tensor = tensor;
        this.shard = shard;
        this.offset = offset;
        this.names = names;
    }

    /** One of the binding's own. */
    TfckptException(Status status, String message, byte[] tensor) {
        this(status, message, null, tensor, -1, -1, new byte[0][]);
    }

    /**
     * The kind of error.
     *
     * @return the status
     */
    public Status status() {
        return status;
    }

    /**
     * The file that it is about.
     *
     * @return the path, if it is about one
     */
    public Optional<Path> file() {
        return Optional.ofNullable(PathBytes.decodeIfPossible(file));
    }

    /**
     * The name of the tensor that it is about; U+FFFD stands for what is not UTF-8 in it.
     *
     * @return the name, if it is about one
     */
    public Optional<String> tensor() {
        return Optional.ofNullable(Utf8.show(tensor));
    }

    /**
     * The bytes of the name of the tensor that it is about.
     *
     * @return a copy of the bytes, if it is about one
     */
    public Optional<byte[]> tensorBytes() {
        return Optional.ofNullable(tensor).map(byte[]::clone);
    }

    /**
     * The data shard that it is about, counted from 0.
     *
     * @return the shard, if it is about one
     */
    public OptionalInt shard() {
        return shard < 0 ? OptionalInt.empty() : OptionalInt.of(shard);
    }

    /**
     * The byte of {@link #file()} at which it was noticed.
     *
     * @return the offset, if it is about one
     */
    public OptionalLong offset() {
        return offset < 0 ? OptionalLong.empty() : OptionalLong.of(offset);
    }

    /**
     * The names that it lists: of the tensors that {@link Reader#readMany} did not find, that several
     * sources of {@link Checkpoint#merge} have, or that {@link Reader#resolve(String)} could mean.
     * U+FFFD stands for what is not UTF-8 in them.
     *
     * @return the names; empty for most errors
     */
    public List<String> names() {
        List<String> all = new ArrayList<>(names.length);
        for (byte[] name : names) {
            all.add(Utf8.show(name));
        }
        return all;
    }
}

package org.tfckpt;

import java.nio.file.Path;
import java.util.List;

/** What is done with whole checkpoints, by their paths. */
public final class Checkpoint {
    private Checkpoint() {}

    /**
     * Merges checkpoints into a new one. Everything about the sources is checked before anything is
     * written, and where the merge fails every one is as before and nothing is left at dst.
     *
     * @param dst the prefix of the new one
     * @param sources paths, each as of {@link Reader#open(Path)}
     * @throws TfckptException where several have the same tensor, with all such names; where there is
     *     a checkpoint at dst; where a source is damaged
     */
    public static void merge(Path dst, List<Path> sources) {
        merge(dst, sources, MergeOptions.defaults());
    }

    /**
     * The same with options.
     *
     * @param dst the prefix of the new one
     * @param sources paths, each as of {@link Reader#open(Path)}
     * @param options how
     * @throws TfckptException as of {@link #merge(Path, List)}; with {@link Status#CANCELLED} when it
     *     was
     */
    public static void merge(Path dst, List<Path> sources, MergeOptions options) {
        options.merge(PathBytes.encode(dst), PathBytes.encodeAll(sources));
    }

    /**
     * Reads and checks every block and every stored byte of a checkpoint, and lists all that is
     * wrong.
     *
     * @param path as of {@link Reader#open(Path)}
     * @return the report
     * @throws TfckptException only where it cannot be opened: all other damage is in the report
     */
    public static Report verify(Path path) {
        long[] counts = new long[2];
        return new Report(Native.verify(PathBytes.encode(path), counts), counts);
    }

    /**
     * Removes the temporary files in a directory that no writer will ever finish: what crashes have
     * left. Checkpoints, whole or not, are not touched.
     *
     * @param dir the directory
     * @return what was removed, and what was not
     * @throws TfckptException with {@link Status#NOT_FOUND} where there is no such directory; that a
     *     single file could not be removed is among the problems
     */
    public static Collected gc(Path dir) {
        return gc(dir, GcOptions.defaults());
    }

    /**
     * The same with options.
     *
     * @param dir the directory
     * @param options what to remove
     * @return what was removed, or would be, and what not
     * @throws TfckptException as of {@link #gc(Path)}
     */
    public static Collected gc(Path dir, GcOptions options) {
        return options.gc(PathBytes.encode(dir));
    }

    /**
     * The latest checkpoint by the state file of a directory.
     *
     * @param dir the directory
     * @return its prefix
     * @throws TfckptException with {@link Status#NOT_FOUND} where there is no state file, which is its
     *     file then, or where the checkpoint that it names is not there, which is its file then; with
     *     {@link Status#DATA_LOSS} where the state file does not parse
     */
    public static Path latest(Path dir) {
        return PathBytes.decode(Native.latest(PathBytes.encode(dir), false));
    }

    /**
     * The newest checkpoint of a directory that is whole, every byte of it checked.
     *
     * @param dir the directory
     * @return its prefix
     * @throws TfckptException with {@link Status#NOT_FOUND} where there is no checkpoint; with {@link
     *     Status#DATA_LOSS} where there are some but none is whole
     */
    public static Path latestValid(Path dir) {
        return PathBytes.decode(Native.latest(PathBytes.encode(dir), true));
    }
}

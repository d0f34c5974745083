package org.tfckpt;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** What {@link Checkpoint#gc(Path)} did. */
public final class Collected {
    private final List<Path> removed;
    private final List<Path> inUse;
    private final List<Path> tooYoung;
    private final List<TfckptException> problems;

    Collected(Object[] parts) {
        removed = paths(parts[0]);
        inUse = paths(parts[1]);
        tooYoung = paths(parts[2]);
        problems = List.of((TfckptException[]) parts[3]);
    }

    private static List<Path> paths(Object all) {
        List<Path> paths = new ArrayList<>();
        for (byte[] path : (byte[][]) all) {
            paths.add(PathBytes.decode(path));
        }
        return List.copyOf(paths);
    }

    /**
     * What was removed.
     *
     * @return the paths of files and directories that are gone, or would be
     */
    public List<Path> removed() {
        return removed;
    }

    /**
     * What was left to writers that live.
     *
     * @return the paths
     */
    public List<Path> inUse() {
        return inUse;
    }

    /**
     * What is too young to say that it is forgotten.
     *
     * @return the paths
     */
    public List<Path> tooYoung() {
        return tooYoung;
    }

    /**
     * What could not be looked at or removed.
     *
     * @return why, as exceptions that were not thrown
     */
    public List<TfckptException> problems() {
        return problems;
    }
}

package org.tfckpt;

import java.util.ArrayList;
import java.util.List;

/** All that was found to be wrong with a checkpoint. */
public final class Report {
    private final List<TfckptException> problems;
    private final long tensorCount;
    private final long byteCount;

    Report(Object[] problems, long[] counts) {
        List<TfckptException> all = new ArrayList<>(problems.length);
        for (Object problem : problems) {
            all.add((TfckptException) problem);
        }
        this.problems = List.copyOf(all);
        this.tensorCount = counts[0];
        this.byteCount = counts[1];
    }

    /**
     * Whether nothing is wrong.
     *
     * @return true where there are no problems
     */
    public boolean isOk() {
        return problems.isEmpty();
    }

    /**
     * What is wrong.
     *
     * @return the problems, as exceptions that were not thrown
     */
    public List<TfckptException> problems() {
        return problems;
    }

    /**
     * How many tensors were looked at.
     *
     * @return the count
     */
    public long tensorCount() {
        return tensorCount;
    }

    /**
     * How many bytes of tensors were read and found right: as stored, or in V1 as in memory.
     *
     * @return the count
     */
    public long byteCount() {
        return byteCount;
    }
}

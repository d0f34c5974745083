package org.tfckpt;

import java.time.Duration;

/**
 * What {@link Checkpoint#gc(java.nio.file.Path, GcOptions)} removes. It never changes: what sets
 * something gives another one.
 */
public final class GcOptions {
    private static final GcOptions DEFAULTS = new GcOptions(false, false, Duration.ofDays(1), false);

    private final boolean tensorflow;
    private final boolean orphans;
    private final Duration minAge;
    private final boolean dryRun;

    private GcOptions(boolean tensorflow, boolean orphans, Duration minAge, boolean dryRun) {
        this.tensorflow = tensorflow;
        this.orphans = orphans;
        this.minAge = minAge;
        this.dryRun = dryRun;
    }

    /**
     * The defaults.
     *
     * @return options to remove what writers of this library have left
     */
    public static GcOptions defaults() {
        return DEFAULTS;
    }

    /**
     * Whether to remove, too, what saves of TensorFlow have left. It does not tell whether it is still
     * at work on them, so their age decides. Default: false.
     *
     * @param tensorflow whether to
     * @return these options with that
     */
    public GcOptions tensorflow(boolean tensorflow) {
        return new GcOptions(tensorflow, orphans, minAge, dryRun);
    }

    /**
     * Whether to remove, too, data files that no index names: what a crash leaves between data and
     * index. They may as well be of another program's save, or of a download, whose index is still to
     * come, so their age decides. Default: false.
     *
     * @param orphans whether to
     * @return these options with that
     */
    public GcOptions orphans(boolean orphans) {
        return new GcOptions(tensorflow, orphans, minAge, dryRun);
    }

    /**
     * How long ago a file must have been written last, if nothing else tells whether its writer lives:
     * that is so for TensorFlow's files, for orphans, and for ours where the file system has no locks.
     * Default: a day.
     *
     * @param age how long; whole seconds
     * @return these options with that
     */
    public GcOptions minAge(Duration age) {
        if (age.isNegative()) {
            throw new IllegalArgumentException("an age of " + age);
        }
        return new GcOptions(tensorflow, orphans, age, dryRun);
    }

    /**
     * Whether to tell only what would be removed. Default: false.
     *
     * @param dryRun whether to
     * @return these options with that
     */
    public GcOptions dryRun(boolean dryRun) {
        return new GcOptions(tensorflow, orphans, minAge, dryRun);
    }

    Collected gc(byte[] dir) {
        return new Collected(Native.gc(dir, tensorflow, orphans, minAge.getSeconds(), dryRun));
    }
}

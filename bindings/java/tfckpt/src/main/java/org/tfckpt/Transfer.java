package org.tfckpt;

/** What becomes of the data files of the sources of a merge. */
public enum Transfer {
    /** They are copied. */
    COPY,
    /**
     * They get a second name, as hard links, and either checkpoint may be removed without harm to the
     * other. Copied where the file system has no links, or the destination is on another.
     */
    LINK,
    /** As links; then, when the merged checkpoint is on stable storage, the sources are removed. */
    MOVE
}

#pragma once

#include "daemon/engine/ports.hpp"

namespace raiten::test {

/// Segments that everybody is in, or nobody.
class SameSegments final : public Segments {
 public:
    explicit SameSegments(bool everybody = true) : everybody_{everybody} {}

    std::unique_ptr<SegmentSet> together(const std::vector<std::string>& wheres) override
    {
        return std::make_unique<Set>(wheres.size(), everybody_);
    }

 private:
    class Set final : public SegmentSet {
     public:
        Set(std::size_t size, bool everybody) : matches_(size, everybody ? 1 : 0) {}
        std::span<const std::uint8_t> matching(const ScoreCard&) override { return matches_; }

     private:
        std::vector<std::uint8_t> matches_;
    };
    bool everybody_;
};

}  // namespace raiten::test

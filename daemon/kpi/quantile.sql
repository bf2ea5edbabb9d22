-- The value with a share q of all values below it, over any number of digests, without compressing
-- them again: the extension's own tdigest_percentile does, coarsely (README.md).
--   select raiten_quantile(array_agg(dwell), 0.5) from ...
-- NULL when there are no digests; those that are NULL describe no values.
create function raiten_quantile(digests tdigest[], q double precision) returns double precision
language sql immutable parallel safe as $$
    with centroids as (
        select a.part[5 + 2 * i] as mean, a.part[6 + 2 * i] as count
        from unnest(digests) as d (digest),
             lateral (select tdigest_double_array(d.digest)) as a (part),
             generate_series(0, a.part[4]::int - 1) as i
    ), ranked as (
        select mean, sum(count) over ranks - count / 2 as middle,
               q * sum(count) over () as goal, sum(count) over () as total
        from centroids
        window ranks as (order by mean, count rows unbounded preceding)
    ), below as (
        select mean, middle, goal from ranked
        where case when q <= 0 then false else goal >= total or middle <= goal end
        order by mean desc, middle desc limit 1
    ), above as (
        select mean, middle, goal from ranked
        where case when q <= 0 then true else goal < total and middle > goal end
        order by mean, middle limit 1
    )
    select case
        when above.mean is null then below.mean
        when below.mean is null then above.mean
        else below.mean + (above.mean - below.mean)
             * (below.goal - below.middle) / (above.middle - below.middle)
    end
    from below full join above on true
$$;

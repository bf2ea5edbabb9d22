// Names, times and places as the panels and the coupons write them.

export const name_in = (view, member) => view.names.get(member) ?? member;

/** "12:05", with the date where it was not today. */
export function moment_text(view, iso) {
    const at = Date.parse(iso);
    const time = view.clock.time_of_day(at);
    const day = view.clock.date_of(at);
    const today = view.clock.date_of(view.clock.now());
    const is_today = day.day === today.day && day.month === today.month;
    return is_today ? time : view.text.date(day, time);
}

export const place_text = (view, where) => (where ? view.text.where[where] ?? where : "");
